import type { KinesisStreamEvent } from 'aws-lambda';
import { DynamoManifest } from '../adapters/dynamo-manifest.ts';
import { fromEventSource } from '../adapters/kinesis-records.ts';
import { KinesisShards } from '../adapters/kinesis-shards.ts';
import { S3Archive } from '../adapters/s3-archive.ts';
import { dynamoClient, kinesisClient, s3Client } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { invocation } from '../platform/invocation.ts';
import { logger } from '../platform/logger.ts';
import { archiveBatch } from './archive-batch.ts';
import type { ArchiveEnv } from './env.ts';
import { reportMetrics } from './report-metrics.ts';

const env = readEnv<ArchiveEnv>(['CONTROL_TABLE', 'ARCHIVE_BUCKET', 'STREAM_NAME']);
const ports = {
  archive: new S3Archive(s3Client(), env.ARCHIVE_BUCKET),
  manifest: new DynamoManifest(dynamoClient(), env.CONTROL_TABLE),
  shards: new KinesisShards(kinesisClient(3), env.STREAM_NAME),
};

/** Throws on any failure, so that the shard waits: nothing may be archived before what came before it. */
export const handler = invocation(async (event: KinesisStreamEvent): Promise<void> => {
  const records = event.Records.map(fromEventSource);
  try {
    const archived = await archiveBatch(records, ports);
    reportMetrics(archived, records, Date.now());
  } catch (error) {
    const { shardId: shard, sequence } = records[0]!;
    logger.error('the batch was not archived; it will come again', {
      error,
      ...{ shard, sequence, last: records.at(-1)!.sequence, records: records.length },
    });
    throw error;
  }
});
