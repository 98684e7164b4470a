import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { DynamoManifest } from '../adapters/dynamo-manifest.ts';
import { DynamoProgress } from '../adapters/dynamo-progress.ts';
import { DynamoRepairs } from '../adapters/dynamo-repairs.ts';
import { KinesisLog } from '../adapters/kinesis-log.ts';
import { KinesisShards } from '../adapters/kinesis-shards.ts';
import { S3Archive } from '../adapters/s3-archive.ts';
import { S3Audit } from '../adapters/s3-audit.ts';
import { SqsRepairDeadLetters } from '../adapters/sqs-repair.ts';
import { readPointer } from '../domain/recovery/read-pointer.ts';
import { dynamoClient, kinesisClient, s3Client, sqsClient } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { invocation } from '../platform/invocation.ts';
import { logger } from '../platform/logger.ts';
import { count } from '../platform/metrics.ts';
import { reportRefusal } from '../platform/report-refusal.ts';
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
    report: reportRefusal,
  }),
};

export const handler = invocation(handle);

async function handle(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const messages = event.Records.map(({ messageId, body }) => ({ messageId, body }));
  const deadline = Date.now() + context.getRemainingTimeInMillis() * (1 - KEPT);
  const { failed, errors, errorsAt, results, ...counts } = await repairBatch(messages, ports, deadline);
  const about = new Map(
    messages.map(({ messageId, body }) => [messageId, { messageId, ...aboutPointer(body) }]),
  );
  for (const [at, error] of errors.entries()) {
    const { messageId } = messages[errorsAt[at]!]!;
    logger.error('a range was not repaired; it comes again', { error, ...about.get(messageId) });
  }
  for (const result of results) {
    if (result.outcome === 'failed')
      logger.error('a range needs an operator', { ...about.get(result.messageId), ...result });
    else logger.info('repair', { ...about.get(result.messageId), ...result });
  }
  count(counts);
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

function aboutPointer(body: string) {
  const range = readPointer(body);
  return range && { shard: range.shardId, sequence: range.first, last: range.last };
}
