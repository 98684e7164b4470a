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
import { amount, bar, table } from '../report/tables.ts';
import type { BenchContext, SectionResult } from '../section.ts';
import { MEMORY_CREDENTIAL, requestOf, startIngest } from '../weir-ingest.ts';
import { NO_LOG } from '../weir-projector.ts';
import { type Batch, DEVICES, generate, HOT, METERING, TENANT, type Workload } from '../workloads.ts';

const DELIVERIES = 10_000;
const ROUNDS = 31;
const WARM_UP = 6;
const QUICK = { deliveries: 2_000, rounds: 5, warmUp: 2 };
const LIMIT = 3;
const CACHED_ENTRIES = 1_000_000;

/** Work on one set of events, from fresh each time. It may return something, so that nothing of it can be optimised away. */
type Work = () => unknown;

interface Ratio {
  readonly room: 'ingest' | 'projector';
  readonly workload: string;
  /** Median over the rounds of (room's CPU time) / (floor's CPU time in the same round). */
  readonly ratio: number;
  /** Medians on this machine, for scale only, in microseconds an event. */
  readonly floorMicros: number;
  readonly roomMicros: number;
}

/** CPU time an event of ingest and projector, as a multiple of the least that any such code has to do. */
export async function cpu(context: BenchContext): Promise<SectionResult> {
  const ratios: Ratio[] = [];
  for (const workload of [METERING, HOT, DEVICES]) {
    const batches = generate(workload, context.quick ? QUICK.deliveries : DELIVERIES);
    ratios.push(await compare('ingest', workload, ingestFloor(batches), ingest(batches), context));
    ratios.push(await compare('projector', workload, projectorFloor(batches), projector(batches), context));
  }
  const widest = Math.max(LIMIT, ...ratios.map(({ ratio }) => ratio));
  const rows = ratios.map(({ room, workload, ratio, floorMicros, roomMicros }) => [
    `${room}: ${workload}`,
    amount(floorMicros),
    amount(roomMicros),
    `${ratio.toFixed(2)} ×`,
    bar(ratio, widest).padEnd(20),
  ]);
  return {
    title: 'CPU an event, as a multiple of its floor',
    text: [
      table(['', 'floor, µs', 'all of it, µs', 'ratio', ''], rows),
      'Floor: parse the body and two SHA-256 an event; for ingest also its schema, by the same compiled validator.',
      'Interleaved in one process, medians of the rounds; the ratios can be compared, the µs are this machine’s.',
    ].join('\n'),
    data: ratios,
    targets: ratios
      .filter(({ workload }) => workload === METERING.name)
      .map(({ room, workload, ratio }) => ({
        name: `CPU of ${room} to its floor: ${workload}`,
        value: ratio,
        limit: LIMIT,
        unit: '×',
      })),
  };
}

async function compare(
  room: Ratio['room'],
  workload: Workload,
  floor: Work,
  real: Work,
  { quick, progress }: BenchContext,
): Promise<Ratio> {
  const [rounds, warmUp] = quick ? [QUICK.rounds, QUICK.warmUp] : [ROUNDS, WARM_UP];
  const events = quick ? QUICK.deliveries : DELIVERIES;
  const pairs: (readonly [floor: number, real: number])[] = [];
  for (let round = 0; round < warmUp + rounds; round++) {
    progress(`${room}: ${workload.name}`, round / (warmUp + rounds));
    // Which goes first changes, so that neither always finds the caches or the garbage of the other.
    const pair =
      round % 2 === 0
        ? ([await micros(floor), await micros(real)] as const)
        : ((await micros(real).then(async (second) => [await micros(floor), second])) as [number, number]);
    if (round >= warmUp) pairs.push(pair);
  }
  return {
    room,
    workload: workload.name,
    ratio: median(pairs.map(([low, high]) => high / low)),
    floorMicros: median(pairs.map(([low]) => low)) / events,
    roomMicros: median(pairs.map(([, high]) => high)) / events,
  };
}

/** CPU time of all threads of this process: garbage collection is a cost too. */
async function micros(work: Work): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

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
  return async () => {
    const state = new MemoryStore(counting);
    const nothing = async () => {};
    const ports = {
      ...{ contracts: counting, state, sealed: new SealedPages(state, CACHED_ENTRIES), log: NO_LOG },
      ...{ samples: { keep: nothing }, progress: { passed: nothing }, sleep: nothing },
      fingerprints: { admit: async (_tenant: string, _producer: string, fingerprint: string) => fingerprint },
      clock: { now: () => 0 },
      random: new Seeded(1),
    };
    for (const records of batchRecords) {
      const { failedFrom, errors } = await projectBatch(records, ports, 1);
      if (failedFrom !== undefined) throw errors[0];
    }
  };
}
