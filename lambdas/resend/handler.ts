import type { Context } from 'aws-lambda';
import { contracts } from '../../build/contracts/validating.mjs';
import { DynamoManifest } from '../adapters/dynamo-manifest.ts';
import { DynamoProgress } from '../adapters/dynamo-progress.ts';
import { DynamoRedriven } from '../adapters/dynamo-redriven.ts';
import { DynamoRuns } from '../adapters/dynamo-runs.ts';
import { KinesisLog } from '../adapters/kinesis-log.ts';
import { KinesisShards } from '../adapters/kinesis-shards.ts';
import { S3Archive } from '../adapters/s3-archive.ts';
import { S3RunFiles } from '../adapters/s3-run-files.ts';
import { SqsDeliveries } from '../adapters/sqs-deliveries.ts';
import { SqsLetterMover } from '../adapters/sqs-letter-mover.ts';
import { noteFailure } from '../domain/recovery/note-failure.ts';
import { dynamoClient, kinesisClient, s3Client, sqsClient } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { invocation } from '../platform/invocation.ts';
import { logger } from '../platform/logger.ts';
import { count } from '../platform/metrics.ts';
import { reportRefusal } from '../platform/report-refusal.ts';
import { systemClock, systemRandom, systemSleep } from '../platform/system.ts';
import type { ResendEnv } from './env.ts';
import { type ResendInput, type ResendOutput, resendBatch } from './resend-batch.ts';

/** Time kept of each invocation for what is being sent when it stops to begin anew, in ms. */
const MARGIN_MS = 60_000;

const env = readEnv<ResendEnv>([
  'CONTROL_TABLE',
  'STREAM_NAME',
  'ARCHIVE_BUCKET',
  'RUNS_BUCKET',
  'WEBHOOK_QUEUE_URL',
  'WEBHOOK_DEAD_LETTERS_ARN',
  'CONCURRENCY',
  'BUILD',
]);
const dynamo = dynamoClient();
const sqs = sqsClient();
const system = { clock: systemClock, random: systemRandom, sleep: systemSleep };
const ports = {
  ...system,
  contracts,
  shards: new KinesisShards(kinesisClient(3), env.STREAM_NAME),
  concurrency: Number(env.CONCURRENCY),
  runs: new DynamoRuns(dynamo, env.CONTROL_TABLE),
  files: new S3RunFiles(s3Client(), env.RUNS_BUCKET),
  archive: new S3Archive(s3Client(), env.ARCHIVE_BUCKET),
  manifest: new DynamoManifest(dynamo, env.CONTROL_TABLE),
  passes: new DynamoProgress(dynamo, env.CONTROL_TABLE, 'project'),
  deliveries: new SqsDeliveries(sqs, env.WEBHOOK_QUEUE_URL),
  letters: new SqsLetterMover(sqs, env.WEBHOOK_DEAD_LETTERS_ARN),
  samples: new DynamoRedriven(dynamo, env.CONTROL_TABLE),
  log: new KinesisLog({
    ...system,
    client: kinesisClient(),
    streamName: env.STREAM_NAME,
    build: env.BUILD,
    report: reportRefusal,
  }),
};

/** Called by the state machine again and again until it is done with a file. */
export const handler = invocation(handle);

async function handle(input: ResendInput, context: Context): Promise<ResendOutput> {
  const { requestId, attempt, batch } = input;
  logger.appendKeys({ requestId, attempt, batch });
  const deadline = Date.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
  try {
    const output = await resendBatch(input, ports, deadline, (sent) => count({ eventsResent: sent }));
    logger.info('resent', { ...output });
    return output;
  } catch (error) {
    count({ stepsFailed: 1 });
    const name = batch
      .split('/')
      .slice(-2)
      .join('-')
      .replace(/\.json$/, '');
    await noteFailure(ports.files, input, `resend-${name}`, error);
    logger.error('the file was not sent again to its end', error as Error);
    throw error;
  }
}
