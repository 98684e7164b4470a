import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Comparison, type ComparisonTask, median } from '../cpu/compare.ts';
import type { Room } from '../cpu/works.ts';
import { amount, bar, table } from '../report/tables.ts';
import type { BenchContext, SectionResult } from '../section.ts';
import { DEVICES, HOT, METERING } from '../workloads.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, '..', 'cpu', 'compare.ts');
const FULL = { deliveries: 10_000, rounds: 20, warmUp: 6, processes: 7 };
const QUICK = { deliveries: 2_000, rounds: 4, warmUp: 2, processes: 1 };
const LIMIT = 3;
const ROOMS: readonly Room[] = ['ingest', 'projector'];

interface Ratio extends Comparison {
  readonly room: Room;
  readonly workload: string;
  /** Of each process, in rising order. */
  readonly ratios: readonly number[];
}

/** CPU time an event of ingest and projector, as a multiple of the least that any such code has to do. */
export async function cpu({ quick, progress }: BenchContext): Promise<SectionResult> {
  const { processes, ...task } = quick ? QUICK : FULL;
  const ratios: Ratio[] = [];
  for (const { name: workload } of [METERING, HOT, DEVICES]) {
    for (const room of ROOMS) {
      const found: Comparison[] = [];
      for (let done = 0; done < processes; done++) {
        progress(`CPU of ${room}: ${workload}`, done / processes);
        found.push(await inFreshProcess({ ...task, room, workload }));
      }
      ratios.push({ room, workload, ...summary(found) });
    }
  }
  return {
    title: 'CPU an event, as a multiple of its floor',
    text: describe(ratios),
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

async function inFreshProcess(task: ComparisonTask): Promise<Comparison> {
  const { stdout } = await run(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    script,
    JSON.stringify(task),
  ]);
  return JSON.parse(stdout) as Comparison;
}

function summary(found: readonly Comparison[]) {
  return {
    ratio: median(found.map(({ ratio }) => ratio)),
    ratios: found.map(({ ratio }) => ratio).sort((a, b) => a - b),
    floorMicros: median(found.map(({ floorMicros }) => floorMicros)),
    roomMicros: median(found.map(({ roomMicros }) => roomMicros)),
  };
}

function describe(ratios: readonly Ratio[]): string {
  const widest = Math.max(LIMIT, ...ratios.map(({ ratio }) => ratio));
  const rows = ratios.map(({ room, workload, ratio, ratios: all, floorMicros, roomMicros }) => [
    `${room}: ${workload}`,
    amount(floorMicros),
    amount(roomMicros),
    `${ratio.toFixed(2)} ×`,
    `${all[0]!.toFixed(2)} to ${all.at(-1)!.toFixed(2)}`,
    bar(ratio, widest).padEnd(20),
  ]);
  return [
    table(['', 'floor, µs', 'all of it, µs', 'ratio', 'by process', ''], rows),
    'Floor: parse the body and two SHA-256 an event; for ingest also its schema, by the same compiled validator.',
    'Both take turns in one process; medians of its calmer rounds, and of the processes. Ratios can be compared, the µs are this',
    'machine’s. A batch of "devices" has one event for most of its buckets: what is paid for there is a bucket, not an event.',
  ].join('\n');
}
