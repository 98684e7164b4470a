import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { WORKER } from '../../lambdas/domain/recovery/estimate.ts';
import { priceOf } from '../../lib/prices.ts';
import { median } from '../cpu/compare.ts';
import { memoryOf } from '../functions/run-bundle.ts';
import { amount, dollars, table } from '../report/tables.ts';
import type { BenchContext, Target } from '../section.ts';
import { DEVICES, METERING } from '../workloads.ts';
import { type FoldSpeed, type FoldSpeedTask, objectMillis } from './fold-speed.ts';
import { FOLD_WORKS, type FoldWork } from './fold-works.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'fold-speed.ts');
const FULL = { deliveries: 20_000, rounds: 6, warmUp: 2, processes: 3 };
const QUICK = { deliveries: 1_000, rounds: 1, warmUp: 1, processes: 1 };
/** About as many events as one invocation of `archive` gets, and those of one request. */
const [LARGE, SMALL] = [6_000, METERING.batch];
const LIMIT = 3;
const MILLION = 1_000_000;
/** Memory with which Lambda gives one processor (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html). */
const MB_A_PROCESSOR = 1769;

const WHAT: Readonly<Record<FoldWork, string>> = {
  floor: 'floor: parse, two SHA-256',
  projector: 'projector, ports in memory',
  compare: 'fold, beside live state',
  rebuild: 'fold, anew',
  scan: 'scan: objects to shuffled files',
  fold: 'fold: shuffled files to results',
};

/** CPU of the fold and its stages on one workload; medians of several processes. */
export interface WorkloadSpeed {
  readonly workload: string;
  readonly micros: FoldSpeed;
}

export interface Speeds {
  readonly workloads: readonly WorkloadSpeed[];
  /** CPU for each object whatever is in it, in ms. */
  readonly objectMs: number;
}

export async function foldSpeeds({ quick, progress }: BenchContext): Promise<Speeds> {
  const { processes, ...size } = quick ? QUICK : FULL;
  const measure = async (workload: string, objectEvents: number): Promise<FoldSpeed> => {
    const found: FoldSpeed[] = [];
    for (let done = 0; done < processes; done++) {
      progress(`fold: ${workload}, objects of ${objectEvents} events`, done / processes);
      found.push(await inFreshProcess({ ...size, workload, objectEvents }));
    }
    const medians = FOLD_WORKS.map((work) => [work, median(found.map((speed) => speed[work]))]);
    return Object.fromEntries(medians) as FoldSpeed;
  };
  const workloads = [];
  for (const { name } of [METERING, DEVICES])
    workloads.push({ workload: name, micros: await measure(name, LARGE) });
  const small = await measure(METERING.name, SMALL);
  const objectMs = objectMillis(workloads[0]!.micros.scan, LARGE, small.scan, SMALL);
  return { workloads, objectMs };
}

async function inFreshProcess(task: FoldSpeedTask): Promise<FoldSpeed> {
  const { stdout } = await run(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    script,
    JSON.stringify(task),
  ]);
  return JSON.parse(stdout) as FoldSpeed;
}

export function speedTargets({ workloads }: Speeds): readonly Target[] {
  const { workload, micros } = workloads[0]!;
  return [
    {
      name: `CPU of the fold to its floor: ${workload}`,
      ...{ value: micros.compare / micros.floor, limit: LIMIT, unit: '×' },
    },
  ];
}

export function describeSpeeds({ workloads, objectMs }: Speeds): string {
  const rows = workloads.flatMap(({ workload, micros }) =>
    FOLD_WORKS.map((work) => [
      `${workload}: ${WHAT[work]}`,
      amount(micros[work]),
      `${(micros[work] / micros.floor).toFixed(2)} ×`,
      `${(micros[work] / micros.projector).toFixed(2)} ×`,
      amount(1_000_000 / micros[work]),
    ]),
  );
  const [{ micros }] = workloads as [WorkloadSpeed];
  const seconds = gbSecondsOf(micros);
  return [
    table(['CPU of an event', 'µs', 'to the floor', 'to the projector', 'events/s a core'], rows),
    'Each process runs all of them in turn over the same events; µs and events/s are this machine’s, the ratios can be compared.',
    table(
      ['one worker, batched metering', 'estimate', 'its CPU alone, here'],
      [
        ['events scanned a second', amount(WORKER.scanned), amount(inFunction('scan', micros.scan))],
        ['events folded a second', amount(WORKER.folded), amount(inFunction('fold', micros.fold))],
        ['ms an object', amount(WORKER.objectMs), amount(objectMs)],
      ],
    ),
    'The estimate is what a dry run’s minutes are made of. Its CPU alone: this machine’s core, by the share of one that the function’s',
    `memory brings; reading S3 and DynamoDB comes to it. Lambda’s duration, in no sum below: some ${amount(seconds)} GB-seconds a million events`,
    `reconciled, ${dollars(priceOf('lambdaGbSecond', seconds))}, where its core is like this one.`,
  ].join('\n');
}

/** Events a second of a core like this one, in a function of that room's memory. */
function inFunction(room: string, micros: number): number {
  return (1_000_000 / micros) * Math.min(1, memoryOf(room) / MB_A_PROCESSOR);
}

function gbSecondsOf({ scan, fold }: FoldSpeed): number {
  const of = (room: string, micros: number) => (MILLION / inFunction(room, micros)) * (memoryOf(room) / 1024);
  return of('scan', scan) + of('fold', fold);
}
