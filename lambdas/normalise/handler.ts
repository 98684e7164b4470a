import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { contracts } from '../../build/contracts/validating.mjs';
import { DynamoEndpoints } from '../adapters/dynamo-endpoints.ts';
import { DynamoFingerprints } from '../adapters/dynamo-fingerprints.ts';
import { KinesisLog } from '../adapters/kinesis-log.ts';
import { PowertoolsDeliveries } from '../adapters/powertools-deliveries.ts';
import { S3Bodies } from '../adapters/s3-bodies.ts';
import { producerOf } from '../domain/webhooks/endpoint.ts';
import { readMessage } from '../domain/webhooks/queued.ts';
import { dynamoClient, kinesisClient, s3Client } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { invocation } from '../platform/invocation.ts';
import { logger } from '../platform/logger.ts';
import { Remembered } from '../platform/remembered.ts';
import { reportRefusal } from '../platform/report-refusal.ts';
import { systemClock, systemRandom, systemSleep } from '../platform/system.ts';
import type { NormaliseEnv } from './env.ts';
import { type Message, normaliseBatch } from './normalise-batch.ts';
import { reportMetrics } from './report-metrics.ts';

/** Time kept of each invocation for what follows the waiting, in ms. */
const MARGIN_MS = 5_000;

const env = readEnv<NormaliseEnv>([
  'STREAM_NAME',
  'CONTROL_TABLE',
  'DELIVERIES_TABLE',
  'BODY_BUCKET',
  'BUILD',
]);
const dynamo = dynamoClient();
const system = { clock: systemClock, random: systemRandom, sleep: systemSleep };
const endpoints = new DynamoEndpoints(dynamo, env.CONTROL_TABLE);
const deliveries = new PowertoolsDeliveries(dynamo, env.DELIVERIES_TABLE);
const ports = {
  ...system,
  contracts,
  deliveries,
  endpoints: new Remembered((endpoint) => endpoints.find(endpoint), systemClock, {
    foundMs: 60_000,
    missingMs: 0,
  }),
  bodies: new S3Bodies(s3Client(), env.BODY_BUCKET),
  fingerprints: new DynamoFingerprints(dynamo, env.CONTROL_TABLE),
  log: new KinesisLog({
    ...system,
    client: kinesisClient(),
    streamName: env.STREAM_NAME,
    build: env.BUILD,
    report: reportRefusal,
  }),
};

export const handler = invocation(handle);

async function handle(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  deliveries.registerLambdaContext(context);
  const messages = event.Records.map(({ messageId, body }) => ({ id: messageId, text: body }));
  const deadline = Date.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
  const result = await normaliseBatch(messages, ports, deadline);
  const { failed, errors, errorsAt } = result;
  for (const [at, error] of errors.entries()) {
    const message = messages[errorsAt[at]!]!;
    logger.error('a delivery was not normalised', { error, messageId: message.id, ...aboutMessage(message) });
  }
  reportMetrics(result);
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

/** Whose delivery it is. Not its id there: that is the sender's. */
function aboutMessage({ text }: Message) {
  const message = readMessage(text);
  if (!message) return {};
  const { receipt, trace, tenant } = message;
  return { receipt, trace, tenant, producer: producerOf(message) };
}
