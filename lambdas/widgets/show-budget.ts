import { type Budget, readBudgets, type SloReading } from '../domain/error-budget.ts';
import type { MetricReader } from '../domain/metric-reader.ts';
import { bar, mark, note, type Tint, table, widget } from './draw.ts';
import { type Html, html } from './html.ts';

/** Below this a budget is nearly spent. */
const LITTLE = 0.25;

/** How much of each error budget of 30 days is left. */
export async function showBudget(
  slos: readonly SloReading[],
  metrics: MetricReader,
  nowMs: number,
): Promise<Html> {
  return drawBudget(await readBudgets(slos, metrics, nowMs));
}

export function drawBudget(budgets: readonly Budget[]): Html {
  return widget(
    table(['service level', 'budget left', '', 'bad of all'], budgets.map(rowOf), 3),
    note(
      'The part of the errors that 30 days allow which is not spent. Not measured: no traffic, or a CloudWatch that lacks the statistic, as a local one does.',
    ),
  );
}

function rowOf({ slo, left, bad, all }: Budget) {
  const name = html`${slo.id}${note(`${slo.promise}: ${Number((100 * slo.objective).toPrecision(6))} %`)}`;
  if (all === 0) return [name, mark('plain', 'not measured here'), '', ''];
  const tint: Tint = left <= 0 ? 'bad' : left < LITTLE ? 'waiting' : 'good';
  const percent = left > 0 && left < 1 ? Math.min(99.9, Math.max(0.1, 100 * left)) : 100 * left;
  return [
    name,
    mark(tint, `${percent.toFixed(1)} %`),
    bar(left, tint),
    `${Math.round(bad).toLocaleString('en')} of ${Math.round(all).toLocaleString('en')}`,
  ];
}
