import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { contracts } from '../build/contracts/counting.mjs';
import { DynamoFingerprints } from '../lambdas/adapters/dynamo-fingerprints.ts';
import { DynamoProgress } from '../lambdas/adapters/dynamo-progress.ts';
import { DynamoSamples } from '../lambdas/adapters/dynamo-samples.ts';
import { DynamoState } from '../lambdas/adapters/dynamo-state.ts';
import type { LogWriter } from '../lambdas/domain/log.ts';
import type { LogRecord } from '../lambdas/domain/log-record.ts';
import { systemClock, systemRandom, systemSleep } from '../lambdas/platform/system.ts';
import type { Projection } from '../lambdas/project/batch.ts';
import { projectBatch } from '../lambdas/project/project-batch.ts';
import { SealedPages } from '../lambdas/project/sealed-pages.ts';
import { CONTROL, STATE } from './tables.ts';

const CACHED_ENTRIES = 1_000_000;
const PATIENCE_MS = 60_000;

export type Project = (records: readonly LogRecord[]) => Promise<Projection>;

/** One instance of the projector, put together as its handler does it, on this client. Its page cache is cold. */
export function startProjector(client: DynamoDBClient, log: LogWriter): Project {
  const state = new DynamoState(client, STATE.name, contracts);
  const ports = {
    ...{ contracts, state, log, clock: systemClock, random: systemRandom, sleep: systemSleep },
    sealed: new SealedPages(state, CACHED_ENTRIES),
    samples: new DynamoSamples(client, CONTROL.name),
    progress: new DynamoProgress(client, CONTROL.name, 'project'),
    fingerprints: new DynamoFingerprints(client, CONTROL.name),
  };
  return (records) => projectBatch(records, ports, Date.now() + PATIENCE_MS);
}

/** For where nothing can be refused. */
export const NO_LOG: LogWriter = {
  publish: async (entries) => {
    if (entries.length > 0) throw new Error('the bench sends nothing that belongs in quarantine');
    return [];
  },
};
