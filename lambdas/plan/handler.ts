import type { Context } from 'aws-lambda';
import { contracts } from '../../build/contracts/counting.mjs';
import { DynamoManifest } from '../adapters/dynamo-manifest.ts';
import { DynamoProgress } from '../adapters/dynamo-progress.ts';
import { DynamoRuns } from '../adapters/dynamo-runs.ts';
import { DynamoTenants } from '../adapters/dynamo-tenants.ts';
import { KinesisLog } from '../adapters/kinesis-log.ts';
import { KinesisShards } from '../adapters/kinesis-shards.ts';
import { S3Anchors } from '../adapters/s3-anchors.ts';
import { S3Archive } from '../adapters/s3-archive.ts';
import { S3RunFiles } from '../adapters/s3-run-files.ts';
import { ShardProgress } from '../adapters/shard-progress.ts';
import { dynamoClient, kinesisClient, s3Client, sqsClient } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { invocation } from '../platform/invocation.ts';
import { logger } from '../platform/logger.ts';
import { count } from '../platform/metrics.ts';
import { reportRefusal } from '../platform/report-refusal.ts';
import { systemClock, systemRandom, systemSleep } from '../platform/system.ts';
import type { PlanEnv } from './env.ts';
import { type PlanAnswer, type PlanStep, planRun } from './plan-run.ts';
import type { PlanPorts } from './ports.ts';

/** Kept of each invocation for the last calls under way. */
const MARGIN_MS = 15_000;

const env = readEnv<PlanEnv>([
  'CONTROL_TABLE',
  'STREAM_NAME',
  'ARCHIVE_BUCKET',
  'RUNS_BUCKET',
  'AUDIT_BUCKET',
  'REPAIR_QUEUE_URL',
  'CONCURRENCY',
  'DEEP_AFTER_DAYS',
  'RETENTION_DAYS',
  'BUILD',
]);
const dynamo = dynamoClient();
const s3 = s3Client();
const system = { clock: systemClock, random: systemRandom, sleep: systemSleep };
const shards = new KinesisShards(kinesisClient(3), env.STREAM_NAME);
const ports: PlanPorts = {
  ...system,
  contracts,
  shards,
  log: new KinesisLog({
    ...system,
    client: kinesisClient(),
    streamName: env.STREAM_NAME,
    build: env.BUILD,
    report: reportRefusal,
  }),
  runs: new DynamoRuns(dynamo, env.CONTROL_TABLE),
  files: new S3RunFiles(s3, env.RUNS_BUCKET),
  manifest: new DynamoManifest(dynamo, env.CONTROL_TABLE),
  archive: new S3Archive(s3, env.ARCHIVE_BUCKET),
  anchors: new S3Anchors(s3, env.AUDIT_BUCKET),
  tenants: new DynamoTenants(dynamo, env.CONTROL_TABLE),
  projector: new DynamoProgress(dynamo, env.CONTROL_TABLE, 'project'),
  repairs: new ShardProgress({
    dynamo,
    controlTable: env.CONTROL_TABLE,
    sqs: sqsClient(),
    // Not those that wait for an operator: what they name is missing, and for reconcile to find.
    repairQueueUrls: [env.REPAIR_QUEUE_URL],
    shards,
  }),
  settings: {
    concurrency: Number(env.CONCURRENCY),
    deepAfterDays: Number(env.DEEP_AFTER_DAYS),
    retentionDays: Number(env.RETENTION_DAYS),
  },
};

async function handle(event: PlanStep, context: Context): Promise<PlanAnswer> {
  const { requestId, attempt, step } = event;
  logger.appendKeys({ requestId, attempt, step });
  const deadline = Date.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
  try {
    return await planRun(event, ports, deadline);
  } catch (error) {
    count({ stepsFailed: 1 });
    logger.error('the step was not done', error as Error);
    throw error;
  }
}

export const handler = invocation(handle);
