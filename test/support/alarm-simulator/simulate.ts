import { type AlarmState, type Datapoint, evaluateDatapoints } from './evaluate-datapoints.ts';
import { type MetricData, type MetricKey, MetricStore, type Recorded } from './metric-data.ts';
import type { CompositeAlarm, MetricAlarm } from './read-alarms.ts';
import { fewSamples } from './statistics.ts';
import { ActionsSuppressor } from './suppress-actions.ts';

export interface Transition {
  /** End of the minute after which the alarm was evaluated. */
  readonly minute: number;
  readonly alarm: string;
  readonly from: AlarmState;
  readonly to: AlarmState;
}

export interface Message {
  readonly minute: number;
  readonly alarm: string;
  readonly topic: string;
}

export interface Simulation {
  readonly transitions: readonly Transition[];
  readonly messages: readonly Message[];
  /** At the end. */
  readonly states: ReadonlyMap<string, AlarmState>;
}

export interface SimulateOptions {
  readonly alarms: readonly (MetricAlarm | CompositeAlarm)[];
  readonly data: MetricData;
  /** How long. Minute 0 is a full hour. */
  readonly minutes: number;
  /**
   * Data points that an evaluation range has beyond N. AWS gives one example, 5 for N = 3, and says that it depends.
   * @default 2
   */
  readonly beyond?: number;
  /** Minutes after which a metric's minute is there: until then it is missing, and FILL makes what it likes of it. @default 0 */
  readonly late?: number;
}

const DAY = 24 * 60;

/**
 * Runs alarms over metrics, minute by minute. They have watched for long when it begins: their first states are those of
 * minute 0. In CloudWatch metrics are some seconds late, those in logs up to two minutes: `late` says how late here.
 */
export function simulate({ alarms, data, minutes, beyond = 2, late = 0 }: SimulateOptions): Simulation {
  const metric = alarms.filter((alarm) => alarm.kind === 'metric');
  const composite = alarms.filter((alarm) => alarm.kind === 'composite');
  const store = new MetricStore(data, historyNeeded(metric, beyond), minutes);
  const states = new Map<string, AlarmState>(alarms.map(({ name }) => [name, 'OK']));
  const stateOf = (name: string) => states.get(name)!;

  const watched = metric.map((alarm) => ({ alarm, datapoints: new Datapoints(alarm, store, late) }));
  for (const { alarm, datapoints } of watched)
    states.set(alarm.name, evaluateAlarm(alarm, datapoints, 0, beyond, 'OK'));
  for (const { name, rule } of composite) states.set(name, rule.holds(stateOf) ? 'ALARM' : 'OK');
  const suppressors = new Map(
    composite.map((alarm) => [alarm, new ActionsSuppressor(alarm.suppressor, momentOf(alarm, 0, stateOf))]),
  );

  const transitions: Transition[] = [];
  const messages: Message[] = [];
  const change = (alarm: string, to: AlarmState, minute: number): boolean => {
    const from = stateOf(alarm);
    if (from !== to) transitions.push({ minute, alarm, from, to });
    states.set(alarm, to);
    return from !== to;
  };
  const tell = ({ name, topics }: MetricAlarm | CompositeAlarm, minute: number) => {
    for (const topic of topics) messages.push({ minute, alarm: name, topic });
  };

  for (let minute = 1; minute <= minutes; minute++) {
    for (const { alarm, datapoints } of watched) {
      if (!isDue(alarm, minute)) continue;
      const state = evaluateAlarm(alarm, datapoints, minute, beyond, stateOf(alarm.name));
      if (change(alarm.name, state, minute) && state === 'ALARM') tell(alarm, minute);
    }
    for (const { name, rule } of composite) change(name, rule.holds(stateOf) ? 'ALARM' : 'OK', minute);
    for (const [alarm, suppressor] of suppressors) {
      if (suppressor.next(momentOf(alarm, minute, stateOf)) === 'ALARM') tell(alarm, minute);
    }
  }
  return { transitions, messages, states };
}

/** How many minutes before the first an alarm on a metric may look back to. */
function historyNeeded(alarms: readonly MetricAlarm[], beyond: number): (metric: MetricKey) => number {
  const needed = new Map<MetricKey, number>();
  for (const { readings, criterion, periodMinutes } of alarms) {
    for (const { metric } of Object.values(readings)) {
      // An hour more, as alarms over days go by full hours.
      const minutes = (criterion.n + beyond) * periodMinutes + 60;
      needed.set(metric, Math.max(minutes, needed.get(metric) ?? 0));
    }
  }
  return (metric) => needed.get(metric) ?? 0;
}

const momentOf = (alarm: CompositeAlarm, minute: number, stateOf: (name: string) => AlarmState) => ({
  at: minute * 60,
  state: stateOf(alarm.name),
  suppressor: alarm.suppressor ? stateOf(alarm.suppressor.name) : ('OK' as const),
});

const isMultiDay = ({ criterion, periodMinutes }: MetricAlarm) => criterion.n * periodMinutes > DAY;

/** Each minute; alarms over more than a day once an hour, as the guide's example has it at three minutes past. */
const isDue = (alarm: MetricAlarm, minute: number) => !isMultiDay(alarm) || minute % 60 === 3;

/** The data points of an alarm, each found once: what an expression makes of a period depends on no other. */
class Datapoints {
  readonly #alarm: MetricAlarm;
  readonly #readings: readonly (readonly [id: string, recorded: Recorded, stat: string])[];
  readonly #known = new Map<number, Datapoint>();

  readonly #late: number;

  constructor(alarm: MetricAlarm, store: MetricStore, late: number) {
    this.#alarm = alarm;
    this.#late = late;
    this.#readings = Object.entries(alarm.readings).map(([id, { metric, stat }]) => [
      id,
      store.of(metric),
      stat,
    ]);
  }

  /** Whether the period that ends then breaches, as seen in that minute; undefined where data is missing. */
  at(end: number, minute: number): Datapoint {
    const there = minute - this.#late;
    if (end > there) return this.#find(end, there);
    const known = this.#known.get(end);
    if (known !== undefined || this.#known.has(end)) return known;
    const found = this.#find(end, end);
    this.#known.set(end, found);
    return found;
  }

  /** Whether one of the percentiles is of fewer samples than it needs. */
  areFew(from: number, end: number): boolean {
    return this.#readings.some(([, recorded, stat]) => recorded.count(from, end) < fewSamples(stat));
  }

  #find(end: number, upTo: number): Datapoint {
    const { evaluate, breaches, periodMinutes } = this.#alarm;
    const series = Object.fromEntries(
      this.#readings.map(([id, recorded, stat]) => [
        id,
        [recorded.over(stat, end - periodMinutes, Math.max(upTo, end - periodMinutes))],
      ]),
    );
    const [value] = evaluate(series, 1);
    return value === undefined ? undefined : breaches(value);
  }
}

function evaluateAlarm(
  alarm: MetricAlarm,
  datapoints: Datapoints,
  minute: number,
  beyond: number,
  current: AlarmState,
): AlarmState {
  const { criterion, periodMinutes, ignoresFewSamples } = alarm;
  // "takes into account only the metrics up to the current hour at the :00 minute"
  const end = isMultiDay(alarm) ? minute - (minute % 60) : minute;
  if (ignoresFewSamples && datapoints.areFew(end - criterion.n * periodMinutes, end)) return current;
  const length = criterion.n + beyond;
  const range: Datapoint[] = [];
  for (let back = length - 1; back >= 0; back--)
    range.push(datapoints.at(end - back * periodMinutes, minute));
  return evaluateDatapoints(range, criterion, current);
}
