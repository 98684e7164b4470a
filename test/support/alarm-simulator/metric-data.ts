import { type Samples, statistic } from './statistics.ts';

/** `<namespace> <name> <dimension=value,…>`, the dimensions in order. */
export type MetricKey = string;

/** What a metric got in a minute; minute 0 is the one before a scenario begins, those before are its history. */
export type MetricData = (metric: MetricKey, minute: number) => Samples;

/** The key of a metric as a template or a catalogue names it. */
export function metricKey(metric: Readonly<Record<string, unknown>>): MetricKey {
  const dimensions = (metric.Dimensions ?? []) as readonly {
    readonly Name: string;
    readonly Value: string;
  }[];
  const pairs = dimensions.map(({ Name, Value }) => `${Name}=${Value}`).sort();
  return `${metric.Namespace} ${metric.MetricName} ${pairs.join(',')}`;
}

/** Statistics of metrics over windows of minutes. */
export class MetricStore {
  readonly #data: MetricData;
  readonly #history: (metric: MetricKey) => number;
  readonly #last: number;
  readonly #known = new Map<MetricKey, Recorded>();

  /** @param history how many minutes before minute 0 are asked for; before them there is no data */
  constructor(data: MetricData, history: (metric: MetricKey) => number, last: number) {
    this.#data = data;
    this.#history = history;
    this.#last = last;
  }

  of(metric: MetricKey): Recorded {
    let recorded = this.#known.get(metric);
    if (!recorded) {
      const before = this.#history(metric);
      const minutes = Array.from({ length: this.#last + before + 1 }, (_, i) =>
        this.#data(metric, i - before),
      );
      recorded = new Recorded(minutes, before);
      this.#known.set(metric, recorded);
    }
    return recorded;
  }
}

/**
 * What one metric got, minute by minute. Sums, counts and percentile ranks come from running totals, so that windows of
 * days cost no more than windows of minutes.
 */
export class Recorded {
  readonly #minutes: readonly Samples[];
  readonly #before: number;
  readonly #totals = new Map<string, Float64Array>();

  /** @param before how many of the minutes are before minute 0 */
  constructor(minutes: readonly Samples[], before: number) {
    this.#minutes = minutes;
    this.#before = before;
  }

  /** The statistic over the minutes after `from` up to `to`; undefined without data. */
  over(stat: string, from: number, to: number): number | undefined {
    const count = this.count(from, to);
    if (count === 0) return undefined;
    if (stat === 'SampleCount') return count;
    if (stat === 'Sum') return this.#between('Sum', from, to, (samples) => statistic('Sum', samples) ?? 0);
    if (stat.startsWith('PR(')) {
      const within = (samples: Samples) =>
        ((statistic(stat, samples) ?? 0) / 100) * (statistic('SampleCount', samples) ?? 0);
      return (100 * this.#between(stat, from, to, within)) / count;
    }
    return statistic(stat, this.#minutes.slice(this.#index(from) + 1, this.#index(to) + 1).flat());
  }

  /** How many samples there are after `from` up to `to`. */
  count(from: number, to: number): number {
    return this.#between('', from, to, (samples) => statistic('SampleCount', samples) ?? 0);
  }

  #between(what: string, from: number, to: number, of: (samples: Samples) => number): number {
    let totals = this.#totals.get(what);
    if (!totals) {
      totals = new Float64Array(this.#minutes.length);
      for (const [i, samples] of this.#minutes.entries()) totals[i] = (totals[i - 1] ?? 0) + of(samples);
      this.#totals.set(what, totals);
    }
    return (totals[this.#index(to)] ?? 0) - (totals[this.#index(from)] ?? 0);
  }

  /** −1 for what lies before all data. */
  #index(minute: number): number {
    return Math.max(minute + this.#before, -1);
  }
}
