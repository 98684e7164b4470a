import { hash } from 'node:crypto';
import { contracts as counting } from '../../build/contracts/counting.mjs';
import { contracts as validating } from '../../build/contracts/validating.mjs';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import type { EventsEnvelope } from '../../lambdas/domain/envelope.ts';
import type { LogRecord } from '../../lambdas/domain/log-record.ts';
import type { HttpRequest } from '../../lambdas/platform/http.ts';
import { projectBatch } from '../../lambdas/project/project-batch.ts';
import { SealedPages } from '../../lambdas/project/sealed-pages.ts';
import { MemoryStore } from '../emulate/memory-store.ts';
import { PretendLog } from '../emulate/pretend-log.ts';
import { Seeded } from '../random.ts';
import { recordsOf } from '../records.ts';
import { MEMORY_CREDENTIAL, requestOf, startIngest } from '../weir-ingest.ts';
import { NO_LOG } from '../weir-projector.ts';
import { type Batch, TENANT } from '../workloads.ts';

const CACHED_ENTRIES = 1_000_000;

/** Work on one set of events, from fresh each time. It may return something, so that nothing of it can be optimised away. */
export type Work = () => unknown;

export type Room = 'ingest' | 'projector';

/** For each room the least that any such code has to do, and the room's own code with its ports in memory. */
export const WORKS: Readonly<
  Record<Room, (batches: readonly Batch[]) => { readonly floor: Work; readonly real: Work }>
> = {
  ingest: (batches) => ({ floor: ingestFloor(batches), real: ingest(batches) }),
  projector: (batches) => ({ floor: projectorFloor(batches), real: projector(batches) }),
};

function ingestFloor(batches: readonly Batch[]): Work {
  const bodies = batches.map((batch) => requestOf(batch).body);
  return () => {
    let sum = 0;
    for (const body of bodies) {
      for (const event of JSON.parse(body.toString('utf8')) as CloudEvent[]) {
        const contract = validating.get(event.type)!;
        if (!contract.versions.get(contract.current)!(event.data)) throw new Error('not valid');
        sum += twoHashes(TENANT, event);
      }
    }
    return sum;
  };
}

function projectorFloor(batches: readonly Batch[]): Work {
  const datas = batches.flatMap((batch) => recordsOf(batch).map(({ data }) => data));
  return () => {
    let sum = 0;
    for (const data of datas) {
      const { tenant, events } = JSON.parse(data.toString('utf8')) as EventsEnvelope;
      for (const { event } of events) sum += twoHashes(tenant, event);
    }
    return sum;
  };
}

/** Who the event is, and what is billed of it: the least that deduplication and a digest need. */
function twoHashes(tenant: string, { source, id, time, data }: CloudEvent): number {
  const { bytes } = data as { readonly bytes: number };
  const identity = hash('sha256', `${tenant}\n${source}\n${id}`, 'buffer');
  const digest = hash('sha256', `${tenant}\n${source}\n${id}\n${time}\n${bytes}`, 'buffer');
  return identity[0]! ^ digest[0]!;
}

function ingest(batches: readonly Batch[]): Work {
  const requests = batches.map((batch): [HttpRequest, number] => [requestOf(batch), batch.atMs]);
  return async () => {
    const clock = { nowMs: 0, now: () => clock.nowMs };
    const log = new PretendLog(clock);
    const takeEvents = startIngest({ client: log, clock, credentials: MEMORY_CREDENTIAL });
    for (const [request, atMs] of requests) {
      clock.nowMs = atMs;
      await takeEvents(request);
      log.take();
    }
  };
}

function projector(batches: readonly Batch[]): Work {
  const batchRecords: (readonly LogRecord[])[] = batches.map(recordsOf);
  return () => projectInMemory(batchRecords);
}

/** State as a projector leaves it that has all its ports in memory. */
export async function projectInMemory(batches: readonly (readonly LogRecord[])[]): Promise<MemoryStore> {
  const state = new MemoryStore(counting);
  const nothing = async () => {};
  const ports = {
    ...{ contracts: counting, state, sealed: new SealedPages(state, CACHED_ENTRIES), log: NO_LOG },
    ...{ samples: { keep: nothing }, progress: { passed: nothing }, sleep: nothing },
    fingerprints: { admit: async (_tenant: string, _producer: string, fingerprint: string) => fingerprint },
    clock: { now: () => 0 },
    random: new Seeded(1),
  };
  for (const records of batches) {
    const { failedFrom, errors } = await projectBatch(records, ports, 1);
    if (failedFrom !== undefined) throw errors[0];
  }
  return state;
}
