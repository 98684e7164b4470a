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

/** One turn of each. */
interface Round {
  readonly floor: number;
  readonly real: number;
  /** Time that went by for each unit of CPU time: above 1 where the process had to wait for others. */
  readonly waited: number;
}

async function compare({ room, workload, deliveries, rounds, warmUp }: ComparisonTask): Promise<Comparison> {
  const batches = generate(WORKLOADS.find(({ name }) => name === workload)!, deliveries);
  const { floor, real } = WORKS[room](batches);
  const all: Round[] = [];
  for (let round = 0; round < warmUp + rounds; round++)
    all.push(await runRound(floor, real, round % 2 === 0));
  const calm = calmest(all.slice(warmUp));
  return {
    ratio: median(calm.map((round) => round.real / round.floor)),
    floorMicros: median(calm.map((round) => round.floor)) / deliveries,
    roomMicros: median(calm.map((round) => round.real)) / deliveries,
  };
}

/** Which goes first changes, so that neither always finds the other's garbage. */
async function runRound(floor: Work, real: Work, floorFirst: boolean): Promise<Round> {
  const started = performance.now();
  const first = await microsOf(floorFirst ? floor : real);
  const second = await microsOf(floorFirst ? real : floor);
  const waited = ((performance.now() - started) * 1000) / (first + second);
  return floorFirst ? { floor: first, real: second, waited } : { floor: second, real: first, waited };
}

/**
 * The half of the rounds in which the process waited least. Whoever else runs on the machine takes its caches too, and that
 * costs the larger work more. Chosen by the waiting alone, whatever the ratios.
 */
export function calmest<T extends Pick<Round, 'waited'>>(rounds: readonly T[]): T[] {
  return [...rounds].sort((a, b) => a.waited - b.waited).slice(0, Math.ceil(rounds.length / 2));
}

/** CPU time of all threads of this process: garbage collection is a cost too. */
export async function microsOf(work: Work): Promise<number> {
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
