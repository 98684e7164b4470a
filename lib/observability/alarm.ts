import type { Stat } from './metric.ts';
import type { MetricId } from './metrics.ts';

/** The failures of the design that must be seen. */
export type Failure = `F${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14}`;

/** Who acts. */
export type Owner = 'operations' | 'integrations' | 'billing' | 'security';

/** `page` wakes somebody; `ticket` can wait until morning; `part` says nothing by itself: a composite speaks for it. */
export type Severity = 'page' | 'ticket' | 'part';

/** A metric by one statistic. */
export type Reading = readonly [metric: MetricId, stat: Stat];

/** What every alarm says of itself. */
export interface AlarmBase {
  /** Its name, after the deployment's. */
  readonly id: string;
  readonly severity: Severity;
  readonly owner: Owner;
  /** What is wrong for senders, billing or us while it is in alarm. */
  readonly impact: string;
  readonly failures: readonly Failure[];
  /** Heading in `docs/runbook.md`. @default - the id */
  readonly runbook?: string;
}

/**
 * Minutes that parts of pages look back: what comes and goes within half an hour is one trouble and one page. It is over when
 * it has been well for about as long.
 */
export const HALF_AN_HOUR = 30;

/** Watches metrics. */
export interface MetricAlarm extends AlarmBase {
  readonly kind: 'metric';
  /** By the names that the expression uses; without an expression there is one. */
  readonly readings: Readonly<Record<string, Reading>>;
  /** Metric math. @default - the one reading itself */
  readonly expression?: string;
  readonly periodSeconds: number;
  /** M of N: how many of the last N periods must breach. */
  readonly datapoints: readonly [m: number, n: number];
  readonly breaches: '>' | '>=' | '<';
  readonly threshold: number;
  /** What a period without data counts as, and why that is right here. */
  readonly missing: readonly [treatment: Missing, reason: string];
  /**
   * More comes than Weir can take: guard hears of it at once, and may shed. Never of an outage, where shedding would not
   * help. @default false
   */
  readonly guards?: true;
}

export type Missing = 'breaching' | 'notBreaching' | 'ignore' | 'missing';

/** Watches other alarms. */
export interface CompositeAlarm extends AlarmBase {
  readonly kind: 'composite';
  readonly rule: Rule;
  /** While this other alarm is in ALARM nothing is said: it is the same cause, or somebody is at work. @default - none */
  readonly quiet?: Quiet;
}

export interface Quiet {
  readonly while: string;
  /** How much later than this one the other may come. It delays every message by as much. */
  readonly waitSeconds: number;
  /** How long this one may last on after the other: a backlog has to drain. */
  readonly extensionSeconds: number;
}

/** True where that alarm is in ALARM, or as all or any of these say. */
export type Rule = string | { readonly all: readonly Rule[] } | { readonly any: readonly Rule[] };

export type AlarmSpec = MetricAlarm | CompositeAlarm;

export const runbookOf = ({ runbook, id }: AlarmBase): string => runbook ?? id;

/** The alarms that a rule names. */
export function namesIn(rule: Rule): readonly string[] {
  if (typeof rule === 'string') return [rule];
  return ('all' in rule ? rule.all : rule.any).flatMap(namesIn);
}
