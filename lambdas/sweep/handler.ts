import type { Context } from 'aws-lambda';
import { DynamoFingerprints } from '../adapters/dynamo-fingerprints.ts';
import { KinesisLog } from '../adapters/kinesis-log.ts';
import { SqsDeadLetters } from '../adapters/sqs-dead-letters.ts';
import { dynamoClient, kinesisClient, sqsClient } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { invocation } from '../platform/invocation.ts';
import { logger } from '../platform/logger.ts';
import { count } from '../platform/metrics.ts';
import { reportRefusal } from '../platform/report-refusal.ts';
import { systemClock, systemRandom, systemSleep } from '../platform/system.ts';
import type { SweepEnv } from './env.ts';
import { type Swept, sweepQueue } from './sweep-queue.ts';

/** Time kept of each invocation for the batch that is under way, in ms. */
const MARGIN_MS = 15_000;

const env = readEnv<SweepEnv>([
  'STREAM_NAME',
  'CONTROL_TABLE',
  'DEAD_LETTER_QUEUE_URL',
  'SWEEP_AFTER_SECONDS',
  'BUILD',
]);
const system = { clock: systemClock, random: systemRandom, sleep: systemSleep };
const ports = {
  ...system,
  letters: new SqsDeadLetters(sqsClient(), env.DEAD_LETTER_QUEUE_URL),
  fingerprints: new DynamoFingerprints(dynamoClient(), env.CONTROL_TABLE),
  log: new KinesisLog({
    ...system,
    client: kinesisClient(),
    streamName: env.STREAM_NAME,
    build: env.BUILD,
    report: reportRefusal,
  }),
};

/** Run by a rule, and by operators, who may say `{"afterSeconds":0}` to leave nothing behind. */
async function handle(event: { readonly afterSeconds?: unknown } | null, context: Context): Promise<Swept> {
  const asked = event?.afterSeconds;
  const afterMs = 1000 * (typeof asked === 'number' ? asked : Number(env.SWEEP_AFTER_SECONDS));
  const deadline = Date.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
  const swept = await sweepQueue(ports, afterMs, deadline);
  count({ deliveriesSwept: swept.swept, deadLettersWaiting: swept.young, deliveriesNotSwept: swept.failed });
  logger.info('swept', { ...swept });
  return swept;
}

export const handler = invocation(handle);
