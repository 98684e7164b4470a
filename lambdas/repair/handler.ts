import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { DynamoManifest } from '../adapters/dynamo-manifest.ts';
import { DynamoProgress } from '../adapters/dynamo-progress.ts';
import { DynamoRepairs } from '../adapters/dynamo-repairs.ts';
import { KinesisLog } from '../adapters/kinesis-log.ts';
import { KinesisShards } from '../adapters/kinesis-shards.ts';
import { S3Archive } from '../adapters/s3-archive.ts';
import { S3Audit } from '../adapters/s3-audit.ts';
import { SqsRepairDeadLetters } from '../adapters/sqs-repair.ts';
import { dynamoClient, kinesisClient, s3Client, sqsClient } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { correlate, logger } from '../platform/logger.ts';
import { count, flushMetrics } from '../platform/metrics.ts';
import { systemClock, systemRandom, systemSleep } from '../platform/system.ts';
import type { RepairEnv } from './env.ts';
import { repairBatch } from './repair-batch.ts';

/** Part of each invocation's time that is kept for what is under way when the waiting ends. */
const KEPT = 0.2;

const env = readEnv<RepairEnv>([
  'CONTROL_TABLE',
  'STREAM_NAME',
  'ARCHIVE_BUCKET',
  'AUDIT_BUCKET',
  'REPAIR_DEAD_QUEUE_URL',
  'BUILD',
]);
const dynamo = dynamoClient();
const s3 = s3Client();
const system = { clock: systemClock, random: systemRandom, sleep: systemSleep };
const ports = {
  ...system,
  shards: new KinesisShards(kinesisClient(3), env.STREAM_NAME),
  archive: new S3Archive(s3, env.ARCHIVE_BUCKET),
  audit: new S3Audit(s3, env.AUDIT_BUCKET),
  manifest: new DynamoManifest(dynamo, env.CONTROL_TABLE),
  notes: new DynamoRepairs(dynamo, env.CONTROL_TABLE),
  passes: new DynamoProgress(dynamo, env.CONTROL_TABLE, 'project'),
  deadLetters: new SqsRepairDeadLetters(sqsClient(), env.REPAIR_DEAD_QUEUE_URL),
  log: new KinesisLog({
    ...system,
    client: kinesisClient(),
    streamName: env.STREAM_NAME,
    build: env.BUILD,
    report: (failure) => logger.warn('the log refused records', { ...failure }),
  }),
};

export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  correlate({});
  const messages = event.Records.map(({ messageId, body }) => ({ messageId, body }));
  const deadline = Date.now() + context.getRemainingTimeInMillis() * (1 - KEPT);
  const { failed, errors, results, ...counts } = await repairBatch(messages, ports, deadline);
  for (const error of errors) logger.error('a range was not repaired; it comes again', error as Error);
  for (const result of results) {
    if (result.outcome === 'failed') logger.error('a range needs an operator', { ...result });
    else logger.info('repair', { ...result });
  }
  count(counts);
  flushMetrics();
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}
