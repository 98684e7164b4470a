import { calmest, median, microsOf } from '../cpu/compare.ts';
import { generate, WORKLOADS } from '../workloads.ts';
import { FOLD_WORKS, type FoldWork, foldWorks } from './fold-works.ts';

/** What one process found: medians of its calmer rounds, in microseconds of CPU an event. */
export type FoldSpeed = Readonly<Record<FoldWork, number>>;

/** One measurement, as this file takes it as arguments. */
export interface FoldSpeedTask {
  readonly workload: string;
  readonly deliveries: number;
  /** Events of an archive object, at least. */
  readonly objectEvents: number;
  readonly rounds: number;
  readonly warmUp: number;
}

async function measure(task: FoldSpeedTask): Promise<FoldSpeed> {
  const { deliveries, rounds, warmUp } = task;
  const workload = WORKLOADS.find(({ name }) => name === task.workload)!;
  const works = await foldWorks(generate(workload, deliveries), task.objectEvents);
  const all: { readonly micros: FoldSpeed; readonly waited: number }[] = [];
  for (let round = 0; round < warmUp + rounds; round++) {
    const micros: Partial<Record<FoldWork, number>> = {};
    const started = performance.now();
    for (const work of FOLD_WORKS) micros[work] = await microsOf(works[work]);
    const cpu = Object.values(micros).reduce((sum, each) => sum + each, 0);
    all.push({ micros: micros as FoldSpeed, waited: ((performance.now() - started) * 1000) / cpu });
  }
  const calm = calmest(all.slice(warmUp));
  const medians = FOLD_WORKS.map((work) => [
    work,
    median(calm.map(({ micros }) => micros[work])) / deliveries,
  ]);
  return Object.fromEntries(medians) as FoldSpeed;
}

/** What each object costs beside its events, from what an event costs in large objects and in small ones, in µs. */
export function objectMillis(inLarge: number, large: number, inSmall: number, small: number): number {
  return (inSmall - inLarge) / (1 / small - 1 / large) / 1000;
}

// A process of its own for each: the engine's optimiser decides anew in each.
if (import.meta.main)
  process.stdout.write(JSON.stringify(await measure(JSON.parse(process.argv[2]!) as FoldSpeedTask)));
