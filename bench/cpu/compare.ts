import { generate, WORKLOADS } from '../workloads.ts';
import { type Room, WORKS, type Work } from './works.ts';

/** What one process found: medians of its rounds. */
export interface Comparison {
  /** The room's CPU time to the floor's in the same round. */
  readonly ratio: number;
  /** Microseconds an event, on this machine. */
  readonly floorMicros: number;
  readonly roomMicros: number;
}

/** One comparison, as this file takes it as arguments. */
export interface ComparisonTask {
  readonly room: Room;
  readonly workload: string;
  readonly deliveries: number;
  readonly rounds: number;
  readonly warmUp: number;
}

async function compare({ room, workload, deliveries, rounds, warmUp }: ComparisonTask): Promise<Comparison> {
  const batches = generate(WORKLOADS.find(({ name }) => name === workload)!, deliveries);
  const { floor, real } = WORKS[room](batches);
  const low: number[] = [];
  const high: number[] = [];
  for (let round = 0; round < warmUp + rounds; round++) {
    // Which goes first changes, so that neither always finds the other's garbage.
    const first = round % 2 === 0 ? await microsOf(floor) : await microsOf(real);
    const second = round % 2 === 0 ? await microsOf(real) : await microsOf(floor);
    if (round < warmUp) continue;
    low.push(round % 2 === 0 ? first : second);
    high.push(round % 2 === 0 ? second : first);
  }
  return {
    ratio: median(high.map((micros, round) => micros / low[round]!)),
    floorMicros: median(low) / deliveries,
    roomMicros: median(high) / deliveries,
  };
}

/** CPU time of all threads of this process: garbage collection is a cost too. */
async function microsOf(work: Work): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

// A process of its own for each comparison: the engine's optimiser decides anew in each.
if (import.meta.main) {
  const task = JSON.parse(process.argv[2]!) as ComparisonTask;
  process.stdout.write(JSON.stringify(await compare(task)));
}
