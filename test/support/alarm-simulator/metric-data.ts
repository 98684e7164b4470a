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

/**
 * Statistics over windows of minutes. Sums, counts and percentile ranks come from running totals, so that windows of
 * days cost no more than windows of minutes.
 */
export class MetricStore {
  readonly #data: MetricData;
  readonly #history: (metric: MetricKey) => number;
  readonly #last: number;
  readonly #totals = new Map<string, Float64Array>();
  readonly #samples = new Map<MetricKey, readonly Samples[]>();

  /** @param history how many minutes before minute 0 are asked for; before them there is no data */
  constructor(data: MetricData, history: (metric: MetricKey) => number, last: number) {
    this.#data = data;
    this.#history = history;
    this.#last = last;
  }

  /** The statistic over the minutes after `from` up to `to`; undefined without data. */
  over(metric: MetricKey, stat: string, from: number, to: number): number | undefined {
    const count = this.count(metric, from, to);
    if (count === 0) return undefined;
    if (stat === 'SampleCount') return count;
    if (stat === 'Sum') {
      return this.#between(metric, 'Sum', from, to, (samples) => statistic('Sum', samples) ?? 0);
    }
    if (stat.startsWith('PR(')) {
      const within = (samples: Samples) =>
        ((statistic(stat, samples) ?? 0) / 100) * (statistic('SampleCount', samples) ?? 0);
      return (100 * this.#between(metric, stat, from, to, within)) / count;
    }
    return statistic(
      stat,
      this.#minutes(metric)
        .slice(this.#index(metric, from) + 1, this.#index(metric, to) + 1)
        .flat(),
    );
  }

  /** How many samples there are after `from` up to `to`. */
  count(metric: MetricKey, from: number, to: number): number {
    return this.#between(metric, '', from, to, (samples) => statistic('SampleCount', samples) ?? 0);
  }

  #between(
    metric: MetricKey,
    what: string,
    from: number,
    to: number,
    of: (samples: Samples) => number,
  ): number {
    const key = `${metric}|${what}`;
    let totals = this.#totals.get(key);
    if (!totals) {
      const minutes = this.#minutes(metric);
      totals = new Float64Array(minutes.length);
      for (const [i, samples] of minutes.entries()) totals[i] = (totals[i - 1] ?? 0) + of(samples);
      this.#totals.set(key, totals);
    }
    return (totals[this.#index(metric, to)] ?? 0) - (totals[this.#index(metric, from)] ?? 0);
  }

  #minutes(metric: MetricKey): readonly Samples[] {
    let minutes = this.#samples.get(metric);
    if (!minutes) {
      const first = -this.#history(metric);
      minutes = Array.from({ length: this.#last - first + 1 }, (_, i) => this.#data(metric, first + i));
      this.#samples.set(metric, minutes);
    }
    return minutes;
  }

  /** −1 for what lies before all data. */
  #index(metric: MetricKey, minute: number): number {
    return Math.max(minute + this.#history(metric), -1);
  }
}
