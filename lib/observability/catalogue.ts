import { STANDING } from '../prices.ts';
import { type AlarmSpec, type CompositeAlarm, type MetricAlarm, namesIn, type Rule } from './alarm.ts';
import { burnAlarms } from './burn-rates.ts';
import { consumerCauses } from './causes-consumers.ts';
import { ingressCauses } from './causes-ingress.ts';
import { proofCauses } from './causes-proofs.ts';
import { isPlanned } from './metrics.ts';
import { pageAlarms, quietTickets } from './pages.ts';
import { type Deployment, slosOf } from './slos.ts';

/** Every alarm of the catalogue, also those whose metrics nothing writes yet. */
export function alarmCatalogue(deployment: Deployment): readonly AlarmSpec[] {
  return [
    ...slosOf(deployment).flatMap((slo) => burnAlarms(slo, quietTickets)),
    ...ingressCauses,
    ...consumerCauses(deployment),
    ...proofCauses,
    ...pageAlarms,
  ];
}

/**
 * The alarms that can work today: without those that read planned metrics, composites without what they named, and
 * parts that nothing names any more.
 */
export function workingAlarms(all: readonly AlarmSpec[]): readonly AlarmSpec[] {
  const measured = all.filter((alarm) => alarm.kind === 'composite' || readsWhatIsWritten(alarm));
  const known = new Set(measured.map(({ id }) => id));
  const possible = measured.flatMap<AlarmSpec>((alarm) => {
    if (alarm.kind === 'metric') return [alarm];
    const rule = withoutUnknown(alarm.rule, known);
    return rule === undefined ? [] : [{ ...alarm, rule }];
  });
  const named = new Set(possible.flatMap((alarm) => (alarm.kind === 'composite' ? needs(alarm) : [])));
  for (const { id } of guardingAlarms(possible)) named.add(id);
  const kept = possible.filter(({ id, severity }) => severity !== 'part' || named.has(id));
  // What went may have been named, or have named, others.
  return kept.length === all.length ? kept : workingAlarms(kept);
}

const readsWhatIsWritten = ({ readings }: MetricAlarm): boolean =>
  Object.values(readings).every(([metric]) => !isPlanned(metric));

function withoutUnknown(rule: Rule, known: ReadonlySet<string>): Rule | undefined {
  if (typeof rule === 'string') return known.has(rule) ? rule : undefined;
  const parts = ('all' in rule ? rule.all : rule.any).map((part) => withoutUnknown(part, known));
  const left = parts.filter((part) => part !== undefined);
  if ('all' in rule) return left.length === parts.length ? { all: left } : undefined;
  return left.length > 0 ? { any: left } : undefined;
}

/** The alarms that guard listens to. */
export const guardingAlarms = (alarms: readonly AlarmSpec[]): readonly MetricAlarm[] =>
  alarms.filter((alarm) => alarm.kind === 'metric').filter(({ guards }) => guards === true);

/** Composites after all that they name, so that each can be made when its turn comes. */
export function inOrder(alarms: readonly AlarmSpec[]): {
  readonly metric: readonly MetricAlarm[];
  readonly composite: readonly CompositeAlarm[];
} {
  const metric = alarms.filter((alarm) => alarm.kind === 'metric');
  const left = new Set(alarms.filter((alarm) => alarm.kind === 'composite'));
  const done = new Set(metric.map(({ id }) => id));
  const composite: CompositeAlarm[] = [];
  while (left.size > 0) {
    const ready = [...left].filter((alarm) => needs(alarm).every((id) => done.has(id)));
    if (ready.length === 0) {
      const names = [...left].map(({ id, ...rest }) => `${id} (${needs({ id, ...rest }).join(', ')})`);
      throw new Error(
        `Composite alarms name each other in a circle, or what is not there: ${names.join('; ')}.`,
      );
    }
    for (const alarm of ready) {
      left.delete(alarm);
      done.add(alarm.id);
      composite.push(alarm);
    }
  }
  return { metric, composite };
}

const needs = ({ rule, quiet }: CompositeAlarm): readonly string[] => [
  ...namesIn(rule),
  ...(quiet ? [quiet.while] : []),
];

/** US$ a month for these alarms, at list price. The topics' key is another dollar; three dashboards are free. */
export function monthlyPrice(alarms: readonly AlarmSpec[]): number {
  const prices = alarms.map((alarm) =>
    alarm.kind === 'composite'
      ? STANDING.compositeMonth.usd
      : STANDING.alarmMonth.usd * Object.keys(alarm.readings).length,
  );
  return Number(prices.reduce((sum, price) => sum + price, 0).toFixed(2));
}
