import type { Budget, SloReading } from '../../lambdas/domain/error-budget.ts';
import { readBudgets } from '../../lambdas/domain/error-budget.ts';
import type { MetricReader } from '../../lambdas/domain/metric-reader.ts';
import type { Runs } from '../../lambdas/domain/recovery/ports.ts';
import type { Run } from '../../lambdas/domain/recovery/run.ts';
import { metricNamed } from '../../lib/observability/slo-readings.ts';
import type { Alarms } from '../platform/alarms.ts';
import { bar, percent } from '../platform/bar.ts';
import { grouped } from '../platform/output.ts';
import { bad, type Finding, good, note } from './finding.ts';
import { takeLatest } from './latest-runs.ts';

const MINUTE_MS = 60_000;
/** The probe goes round each minute: so long without one, and it does not. */
const PROBED_MS = 15 * MINUTE_MS;
/** A run that failed longer ago than this is no matter of this release. */
const FAILED_MS = 24 * 60 * MINUTE_MS;

export interface Release {
  /** The deployment's. */
  readonly name: string;
  readonly slos: readonly SloReading[];
  readonly metrics: MetricReader;
  readonly alarms: Pick<Alarms, 'all'>;
  readonly runs: Pick<Runs, 'latest'>;
  readonly now: number;
  /** Share of an error budget, 0 to 1, below which nothing is released. */
  readonly least: number;
}

/** Whether this is a time to release: what is left to be spent, and whether anything is going on. */
export async function* checkRelease(release: Release): AsyncGenerator<Finding> {
  const { slos, metrics, now, least } = release;
  const budgets = await readBudgets(slos, metrics, now);
  for (const budget of budgets) yield judgeBudget(budget, least);
  yield* judgeAlarms(release);
  yield* judgeRuns(await takeLatest(release.runs, 200), now);
  yield await checkProbe(release);
}

function judgeBudget({ slo, bad: spent, all, left }: Budget, least: number): Finding {
  const figures = all > 0 ? `${grouped(Math.round(spent))} bad of ${grouped(Math.round(all))}` : 'no traffic';
  const detail = `${slo.id.padEnd(18)} ${bar(left)} ${percent(left)} left, ${figures} in 30 days`;
  if (left >= least) return good('budget', detail);
  const next =
    left < 0
      ? `The promise is broken ("${slo.promise}"): release only what mends it, with --override "…".`
      : `Less than ${percent(least)}: wait, or release only what mends it, with --override "…".`;
  return bad('budget', detail, next);
}

async function* judgeAlarms({ alarms }: Release): AsyncGenerator<Finding> {
  const all = await alarms.all();
  const open = all.filter(({ state, severity }) => state === 'ALARM' && severity !== 'part');
  for (const { id, severity, since, impact, runbook } of open) {
    const detail = `${id} since ${since}: ${impact}`;
    yield severity === 'page' ? bad('alarm', detail, runbook) : note('alarm', detail, runbook);
  }
  if (all.length === 0) {
    yield bad('alarms', 'there are none', 'Deploy the observability stack: npx cdk deploy --all.');
  } else if (open.length === 0) yield good('alarms', `none of ${all.length} is open`);
}

/** Runs that write: in the midst of one the build should stay as it is. */
const writes = ({ request }: Run): boolean =>
  !request.dryRun &&
  (['replay', 'redrive', 'rebuild'].includes(request.verb) ||
    (request.verb === 'reconcile' && request.repair));

function* judgeRuns(runs: readonly Run[], now: number): Generator<Finding> {
  const running = runs.filter(({ status }) => status === 'running');
  for (const run of running) {
    const { requestId } = run.request;
    const watch = `weir runs watch ${requestId}`;
    yield writes(run)
      ? bad('run', `${requestId} is writing`, `Let it end first: ${watch}.`)
      : note('run', `${requestId} is under way`, `A release does not harm it; ${watch} shows it.`);
  }
  const failed = runs.filter(
    ({ status, startedAt }) => status === 'failed' && now - Date.parse(startedAt) < FAILED_MS,
  );
  for (const { request } of failed) {
    const next = `weir runs show ${request.requestId} says why; weir runs resume goes on with it.`;
    yield note('run', `${request.requestId} has failed`, next);
  }
  if (running.length + failed.length === 0) yield good('runs', 'none is open');
}

async function checkProbe({ name, metrics, now }: Release): Promise<Finding> {
  const [points = []] = await metrics.read(
    [{ ...metricNamed(name, 'probe.ok'), stat: 'Sum', periodSeconds: 60 }],
    now - PROBED_MS,
    now,
  );
  const trips = points.reduce((sum, { value }) => sum + value, 0);
  return trips > 0
    ? good('probe', `${trips} round trips in the last ${PROBED_MS / MINUTE_MS} minutes`)
    : bad(
        'probe',
        `no round trip in the last ${PROBED_MS / MINUTE_MS} minutes`,
        `The log of ${name}-probe says where it stops.`,
      );
}
