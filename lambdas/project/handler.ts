import type { Context, KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { contracts } from '../../build/contracts/counting.mjs';
import { DynamoFingerprints } from '../adapters/dynamo-fingerprints.ts';
import { DynamoProgress } from '../adapters/dynamo-progress.ts';
import { DynamoSamples } from '../adapters/dynamo-samples.ts';
import { DynamoState } from '../adapters/dynamo-state.ts';
import { KinesisLog } from '../adapters/kinesis-log.ts';
import { fromEventSource } from '../adapters/kinesis-records.ts';
import { aboutRecord } from '../platform/about-record.ts';
import { dynamoClient, kinesisClient } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { invocation } from '../platform/invocation.ts';
import { logger } from '../platform/logger.ts';
import { reportRefusal } from '../platform/report-refusal.ts';
import { systemClock, systemRandom, systemSleep } from '../platform/system.ts';
import type { ProjectEnv } from './env.ts';
import { projectBatch } from './project-batch.ts';
import type { QuarantineCause } from './quarantine-causes.ts';
import { reportMetrics } from './report-metrics.ts';
import { SealedPages } from './sealed-pages.ts';

/** Time kept of each invocation for what follows the waiting: quarantine, progress, metrics. */
const MARGIN_MS = 5_000;
/** Entries of sealed pages kept in memory: some 50 MB of the function's 256. */
const CACHED_ENTRIES = 1_000_000;

const MAX_LOGGED = 10;

const env = readEnv<ProjectEnv>(['STATE_TABLE', 'CONTROL_TABLE', 'STREAM_NAME', 'BUILD']);
const dynamo = dynamoClient();
const state = new DynamoState(dynamo, env.STATE_TABLE, contracts);
const system = { clock: systemClock, random: systemRandom, sleep: systemSleep };
const ports = {
  ...system,
  contracts,
  state,
  sealed: new SealedPages(state, CACHED_ENTRIES),
  samples: new DynamoSamples(dynamo, env.CONTROL_TABLE),
  progress: new DynamoProgress(dynamo, env.CONTROL_TABLE, 'project'),
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

async function handle(event: KinesisStreamEvent, context: Context): Promise<KinesisStreamBatchResponse> {
  const records = event.Records.map(fromEventSource);
  const deadline = Date.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
  const projection = await projectBatch(records, ports, deadline);
  const { failedFrom, errors, errorsAt, causes } = projection;
  // One cause may fail thousands of buckets; some of its errors say as much as all of them.
  for (const [at, error] of errors.slice(0, MAX_LOGGED).entries())
    logger.error('part of the batch was not projected', { error, ...aboutRecord(records[errorsAt[at]!]!) });
  for (const cause of causes) logger.info('quarantined', withKnownType(cause));
  reportMetrics(projection, records, Date.now());
  const failed = failedFrom === undefined ? undefined : records[failedFrom]?.sequence;
  return { batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed }] };
}

/** The name of a type that no contract has is whatever a sender wrote. */
function withKnownType({ type, ...cause }: QuarantineCause) {
  return { ...cause, ...(type !== undefined && contracts.get(type) && { type }) };
}
