import type { Context } from 'aws-lambda';
import { contracts } from '../../build/contracts/counting.mjs';
import { DynamoBuckets } from '../adapters/dynamo-buckets.ts';
import { DynamoManifest } from '../adapters/dynamo-manifest.ts';
import { DynamoRuns } from '../adapters/dynamo-runs.ts';
import { KinesisLog } from '../adapters/kinesis-log.ts';
import { KinesisShards } from '../adapters/kinesis-shards.ts';
import { S3Archive } from '../adapters/s3-archive.ts';
import { S3RunFiles } from '../adapters/s3-run-files.ts';
import { noteFailure } from '../domain/recovery/note-failure.ts';
import { dynamoClient, kinesisClient, s3Client } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { invocation } from '../platform/invocation.ts';
import { logger } from '../platform/logger.ts';
import { count } from '../platform/metrics.ts';
import { reportRefusal } from '../platform/report-refusal.ts';
import { systemClock, systemRandom, systemSleep } from '../platform/system.ts';
import type { FoldEnv } from './env.ts';
import { type FoldEvent, foldPartition } from './fold-partition.ts';

/** Time kept for what follows the waiting: a last pass over the partition, and its result. */
const MARGIN_MS = 60_000;

const env = readEnv<FoldEnv>([
  ...(['STATE_TABLE', 'CONTROL_TABLE', 'STREAM_NAME'] as const),
  ...(['ARCHIVE_BUCKET', 'RUNS_BUCKET', 'BUILD'] as const),
]);
const dynamo = dynamoClient();
const s3 = s3Client();
const system = { clock: systemClock, random: systemRandom, sleep: systemSleep };
const ports = {
  ...system,
  contracts,
  buckets: new DynamoBuckets(dynamo, env.STATE_TABLE, contracts),
  manifest: new DynamoManifest(dynamo, env.CONTROL_TABLE),
  archive: new S3Archive(s3, env.ARCHIVE_BUCKET),
  files: new S3RunFiles(s3, env.RUNS_BUCKET),
  runs: new DynamoRuns(dynamo, env.CONTROL_TABLE),
  shards: new KinesisShards(kinesisClient(3), env.STREAM_NAME),
  log: new KinesisLog({
    ...system,
    client: kinesisClient(),
    streamName: env.STREAM_NAME,
    build: env.BUILD,
    report: reportRefusal,
  }),
};

async function handle(event: FoldEvent, context: Context): Promise<object> {
  const { requestId, attempt, partition } = event;
  logger.appendKeys({ requestId, attempt, partition });
  const deadline = Date.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
  try {
    await foldPartition(event, ports, deadline);
    return {};
  } catch (error) {
    count({ stepsFailed: 1 });
    const name = `fold-${partition.slice(partition.lastIndexOf('/') + 1).replace(/\.json$/, '')}`;
    await noteFailure(ports.files, event, name, error);
    logger.error('the partition was not folded; the state machine tries again', error as Error);
    throw error;
  }
}

export const handler = invocation(handle);
