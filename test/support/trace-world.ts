import type { Contracts } from '../../lambdas/domain/contract.ts';
import { compareSequences } from '../../lambdas/domain/log-record.ts';
import type { TracePorts } from '../../lambdas/domain/trace/ports.ts';
import type { TraceQuestion } from '../../lambdas/domain/trace/trace.ts';
import { traceEvent } from '../../lambdas/domain/trace/trace-event.ts';
import { readIntact } from '../../lambdas/platform/open-object.ts';
import { testContracts } from './contracts.ts';
import { MemoryBuckets } from './memory-buckets.ts';
import { MemoryShards } from './memory-consumers.ts';
import { SHARD, TENANT } from './records.ts';
import type { RecoveryWorld } from './recovery-world.ts';

const shard = { shardId: SHARD, parents: [], open: true, startingHashKey: '0' };

/** What a trace looks at, of a world in memory. @param repairs how much the projector gave up that waits to be repaired */
export function tracePorts(
  world: RecoveryWorld,
  contracts: Contracts = testContracts,
  repairs = 0,
): TracePorts {
  return {
    contracts,
    manifest: world.reader,
    readObject: (object) => readIntact(world.objects, object),
    shards: new MemoryShards([shard]),
    tail: {
      after: async (_, sequence = '0') => ({
        records: world.records().filter((record) => compareSequences(record.sequence, sequence) > 0),
        whole: true,
      }),
    },
    passes: world.projector.progress,
    repairs: { pendingRepairs: async () => repairs },
    buckets: new MemoryBuckets(contracts, world.table),
    now: () => Date.parse('2026-11-22T00:00:00Z'),
  };
}

export const NO_LIMITS = { objects: 1e6, bytes: 1e12, isOver: () => false } as const;

/** A question over all that a world holds. */
export function askFor(id: string, more: Partial<TraceQuestion> = {}): TraceQuestion {
  return {
    ...{ id, tenant: TENANT, limits: NO_LIMITS },
    ...{ fromMs: Date.parse('2026-11-20T00:00:00Z'), toMs: Date.parse('2026-11-23T00:00:00Z') },
    ...more,
  };
}

export function traceIn(world: RecoveryWorld, id: string, more: Partial<TraceQuestion> = {}) {
  return traceEvent(askFor(id, more), tracePorts(world));
}
