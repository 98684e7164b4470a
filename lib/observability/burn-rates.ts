import type { AlarmSpec, CompositeAlarm, MetricAlarm, Quiet } from './alarm.ts';
import { badShare, type Slo } from './slos.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * A budget of 30 days burns `factor` times as fast as it may, over both windows: over the long one, so that a blip is
 * none, and over the short one, so that the alarm ends when the trouble does. From "The Site Reliability Workbook",
 * chapter 5: 2 % of the budget in an hour, 5 % in six, 10 % in three days.
 */
export interface BurnRate {
  readonly id: 'fast' | 'slow' | 'leak';
  readonly factor: number;
  readonly longSeconds: number;
  readonly shortSeconds: number;
  readonly severity: 'page' | 'ticket';
}

export const burnRates: readonly BurnRate[] = [
  { id: 'fast', factor: 14.4, longSeconds: HOUR, shortSeconds: 5 * MINUTE, severity: 'page' },
  { id: 'slow', factor: 6, longSeconds: 6 * HOUR, shortSeconds: 30 * MINUTE, severity: 'page' },
  { id: 'leak', factor: 1, longSeconds: 3 * DAY, shortSeconds: 6 * HOUR, severity: 'ticket' },
];

/**
 * The alarms of an SLO: two windows for each rate, and a composite for those that page and one for those that don't.
 *
 * A window is one period. All metrics of one alarm have the same period, so one expression can't hold both windows, and
 * a sum over several periods would need RUNNING_SUM, whose start CloudWatch does not promise. Periods slide: an alarm
 * is evaluated each minute over the period that ends then. Period × periods may be a day for periods below an hour and
 * seven days above, which one period of three days keeps; as it is longer than a day it is evaluated once an hour, up
 * to the full hour. A ticket can wait for that.
 */
export function burnAlarms(slo: Slo, quiet: Quiet): readonly AlarmSpec[] {
  const windows = burnRates.flatMap((rate) => [
    windowAlarm(slo, rate, 'long', rate.longSeconds),
    windowAlarm(slo, rate, 'short', rate.shortSeconds),
  ]);
  const urgent = slo.onlyTickets ? [] : burnRates.filter(({ severity }) => severity === 'page');
  const calm = burnRates.filter((rate) => !urgent.includes(rate));
  return [
    ...windows,
    ...(urgent.length > 0 ? [composite(slo, `${slo.id}-burns`, urgent, { severity: 'part' })] : []),
    composite(slo, `${slo.id}-leaks`, calm, { severity: 'ticket', quiet }),
  ];
}

const windowId = (slo: Slo, { id }: BurnRate, window: 'long' | 'short') => `${slo.id}-${id}-${window}`;

function windowAlarm(slo: Slo, rate: BurnRate, window: 'long' | 'short', periodSeconds: number): MetricAlarm {
  return {
    kind: 'metric',
    id: windowId(slo, rate, window),
    severity: 'part',
    ...about(slo),
    ...badShare(slo),
    periodSeconds,
    datapoints: [1, 1],
    breaches: '>',
    threshold: Number((rate.factor * (1 - slo.objective)).toPrecision(6)),
    missing: [
      'notBreaching',
      'Without traffic nothing is bad, and whether traffic is missing is the heartbeat’s to say',
    ],
  };
}

function composite(
  slo: Slo,
  id: string,
  rates: readonly BurnRate[],
  rest: Pick<CompositeAlarm, 'severity' | 'quiet'>,
): CompositeAlarm {
  const pairs = rates.map((rate) => ({ all: [windowId(slo, rate, 'long'), windowId(slo, rate, 'short')] }));
  return {
    kind: 'composite',
    id,
    ...about(slo),
    rule: pairs.length === 1 ? pairs[0]! : { any: pairs },
    ...rest,
  };
}

const about = ({ id, owner, impact, failures }: Slo) => ({ owner, impact, failures, runbook: id });
