import type { DataPoint, MetricQuery, MetricReader } from './metric-reader.ts';

/** A metric as CloudWatch names it. */
export type MetricName = Pick<MetricQuery, 'namespace' | 'name' | 'dimensions'>;

/** How the bad among all are counted. */
export type SloMeasure =
  /** Counts: of the bad ones, less those that are excused, and of all or of the good ones. */
  | { readonly bad: MetricName; readonly excused?: MetricName; readonly all: MetricName }
  | { readonly bad: MetricName; readonly excused?: MetricName; readonly good: MetricName }
  /** Of a duration's samples, those that took longer. */
  | { readonly duration: MetricName; readonly withinMs: number };

/** A service level, with what must be read to tell how much of its error budget is left. */
export interface SloReading {
  readonly id: string;
  readonly promise: string;
  /** Share of good ones over the budget's time, above 0 and below 1. */
  readonly objective: number;
  readonly measure: SloMeasure;
}

/** What was counted in a time. Of durations CloudWatch tells shares, so the bad ones need not be whole. */
export interface Spent {
  readonly bad: number;
  readonly all: number;
}

/** How much of an error budget is left. */
export interface Budget extends Spent {
  readonly slo: SloReading;
  /** 1 where nothing of it is spent, 0 where all is; below 0 the promise is broken. */
  readonly left: number;
}

/** The time that a budget is for. */
export const BUDGET_DAYS = 30;

/** Days: counts add up whatever the period, and so do shares of samples where they are weighed. */
const PERIOD_SECONDS = 86_400;

/**
 * The part of an error budget that is left: 1 where all is, and where there was no traffic; below 0 where the promise is broken.
 *
 * @param objective share of good ones, above 0 and below 1
 */
export function budgetLeft(objective: number, bad: number, all: number): number {
  return all <= 0 ? 1 : 1 - bad / (all * (1 - objective));
}

/** What must be read for a service level; `spentBy` wants the points in the same order. */
export function queriesFor({ measure }: SloReading, periodSeconds = PERIOD_SECONDS): readonly MetricQuery[] {
  const query = (metric: MetricName, stat: string): MetricQuery => ({ ...metric, stat, periodSeconds });
  if ('duration' in measure) {
    const { duration, withinMs } = measure;
    return [query(duration, 'SampleCount'), query(duration, `PR(:${withinMs})`)];
  }
  const other = 'all' in measure ? measure.all : measure.good;
  const counts = [measure.bad, other, ...(measure.excused ? [measure.excused] : [])];
  return counts.map((metric) => query(metric, 'Sum'));
}

/** Adds up what `queriesFor` has asked for. A count of 0 is written by nobody, so a period without a point is a 0. */
export function spentBy(
  { measure }: SloReading,
  [first = [], second = [], third = []]: readonly (readonly DataPoint[])[],
): Spent {
  if ('duration' in measure) return slowOnes(first, second);
  const bad = Math.max(0, sum(first) - sum(third));
  return { bad, all: 'all' in measure ? sum(second) : sum(first) + sum(second) };
}

/** Samples of which the share within the limit is not known are left out: they are neither good nor bad. */
function slowOnes(samples: readonly DataPoint[], within: readonly DataPoint[]): Spent {
  const percents = new Map(within.map(({ at, value }) => [at, value]));
  let bad = 0;
  let all = 0;
  for (const { at, value } of samples) {
    const percent = percents.get(at);
    if (percent === undefined) continue;
    all += value;
    bad += (value * (100 - percent)) / 100;
  }
  return { bad, all };
}

const sum = (points: readonly DataPoint[]): number => points.reduce((total, { value }) => total + value, 0);

/** The budgets of service levels at a time (ms), over the 30 days before it. */
export async function readBudgets(
  slos: readonly SloReading[],
  metrics: MetricReader,
  now: number,
): Promise<readonly Budget[]> {
  const queries = slos.map((slo) => queriesFor(slo));
  const points = await metrics.read(queries.flat(), now - BUDGET_DAYS * 86_400_000, now);
  let next = 0;
  return slos.map((slo, index) => {
    const first = next;
    next += queries[index]!.length;
    const spent = spentBy(slo, points.slice(first, next));
    return { slo, ...spent, left: budgetLeft(slo.objective, spent.bad, spent.all) };
  });
}
