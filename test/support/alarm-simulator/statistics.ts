/** Values that a metric got within one minute, each with how often. An empty list is no data. */
export type Samples = readonly (readonly [value: number, times: number])[];

/**
 * A statistic over samples, or undefined where there are none.
 * CloudWatch does not publish how it finds percentiles; here it is the smallest value that has that share at or below it.
 * @throws Error for a statistic that no alarm of ours uses
 */
export function statistic(name: string, samples: Samples): number | undefined {
  const count = samples.reduce((sum, [, times]) => sum + times, 0);
  if (count === 0) return undefined;
  const sum = () => samples.reduce((total, [value, times]) => total + value * times, 0);
  switch (name) {
    case 'SampleCount':
      return count;
    case 'Sum':
      return sum();
    case 'Average':
      return sum() / count;
    case 'Maximum':
      return samples.reduce((most, [value]) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    case 'Minimum':
      return samples.reduce((least, [value]) => Math.min(least, value), Number.POSITIVE_INFINITY);
  }
  const percentile = /^p(\d+(?:\.\d+)?)$/.exec(name);
  if (percentile) return atPercentile(samples, (Number(percentile[1]) / 100) * count);
  const rank = /^PR\((\d*\.?\d*):(\d*\.?\d*)\)$/.exec(name);
  if (rank) return percentileRank(samples, rank[1] ?? '', rank[2] ?? '', count);
  throw new Error(`The simulator knows no statistic ${name}: teach it to.`);
}

function atPercentile(samples: Samples, wanted: number): number {
  const sorted = samples.toSorted(([a], [b]) => a - b);
  let seen = 0;
  for (const [value, times] of sorted) {
    seen += times;
    if (seen >= wanted - 1e-9) return value;
  }
  return sorted.at(-1)![0];
}

/** `PR(a:b)`: the percentage of values above a and up to b; either may be left out. */
function percentileRank(samples: Samples, low: string, high: string, count: number): number {
  const above = low === '' ? Number.NEGATIVE_INFINITY : Number(low);
  const upTo = high === '' ? Number.POSITIVE_INFINITY : Number(high);
  const within = samples.reduce(
    (sum, [value, times]) => (value > above && value <= upTo ? sum + times : sum),
    0,
  );
  return (100 * within) / count;
}

/**
 * Samples below which `EvaluateLowSampleCountPercentile: ignore` leaves an alarm as it is: user guide, "Percentile-based
 * CloudWatch alarms and low data samples".
 */
export function fewSamples(name: string): number {
  const share = Number(/^p(\d+(?:\.\d+)?)$/.exec(name)?.[1]) / 100;
  return 10 / (share >= 0.5 ? 1 - share : share);
}
