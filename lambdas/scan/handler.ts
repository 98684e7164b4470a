import { contracts } from '../../build/contracts/counting.mjs';
import { DynamoManifest } from '../adapters/dynamo-manifest.ts';
import { DynamoRuns } from '../adapters/dynamo-runs.ts';
import { DynamoTouched } from '../adapters/dynamo-touched.ts';
import { S3Archive } from '../adapters/s3-archive.ts';
import { S3RunFiles } from '../adapters/s3-run-files.ts';
import { noteFailure } from '../domain/recovery/note-failure.ts';
import { expiredBefore, hasExpired } from '../domain/recovery/retention.ts';
import { dynamoClient, s3Client } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { invocation } from '../platform/invocation.ts';
import { logger } from '../platform/logger.ts';
import { count } from '../platform/metrics.ts';
import { systemClock } from '../platform/system.ts';
import type { ScanEnv } from './env.ts';
import { type ScanEvent, type ScanPorts, scanBatch } from './scan-batch.ts';

const env = readEnv<ScanEnv>([
  ...(['STATE_TABLE', 'CONTROL_TABLE', 'ARCHIVE_BUCKET', 'RUNS_BUCKET', 'RETENTION_DAYS'] as const),
]);
const dynamo = dynamoClient();
const s3 = s3Client();
const ports: ScanPorts = {
  contracts,
  archive: new S3Archive(s3, env.ARCHIVE_BUCKET),
  manifest: new DynamoManifest(dynamo, env.CONTROL_TABLE),
  touched: new DynamoTouched(dynamo, env.STATE_TABLE),
  files: new S3RunFiles(s3, env.RUNS_BUCKET),
  runs: new DynamoRuns(dynamo, env.CONTROL_TABLE),
  hasExpired: (entry) => hasExpired(entry, expiredBefore(systemClock.now(), Number(env.RETENTION_DAYS))),
};

export const handler = invocation(async (event: ScanEvent): Promise<object> => {
  const { requestId, attempt, batch } = event;
  logger.appendKeys({ requestId, attempt, batch });
  try {
    await scanBatch(event, ports);
    return {};
  } catch (error) {
    count({ stepsFailed: 1 });
    const name = `scan-${batch.slice(batch.lastIndexOf('/') + 1).replace(/\.json$/, '')}`;
    await noteFailure(ports.files, event, name, error);
    logger.error('the batch was not scanned; the state machine tries again', error as Error);
    throw error;
  }
});
