import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

const metrics = new Metrics();

/**
 * Adds counts to this invocation's metrics; zeros are left out. `service` is the only dimension: ids belong in logs,
 * as each value of a dimension is a metric that is paid for.
 */
export function count(counts: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(counts)) {
    if (value !== 0) metrics.addMetric(name, MetricUnit.Count, value);
  }
}

/** Adds numbers to this invocation's metrics, zeros too: for what is said once a run, where silence would say nothing. */
export function tell(numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) metrics.addMetric(name, MetricUnit.Count, value);
}

/** Writes a count with a dimension more, whose values must be few and ours: never what a sender chose. */
export function countBy(name: string, dimension: Readonly<Record<string, string>>, times = 1): void {
  const single = metrics.singleMetric();
  single.addDimensions({ ...dimension });
  single.addMetric(name, MetricUnit.Count, times);
}

/** Adds a duration in milliseconds. */
export function took(name: string, ms: number): void {
  metrics.addMetric(name, MetricUnit.Milliseconds, ms);
}

/** Writes the invocation's metrics as one EMF line. Call it last. */
export function flushMetrics(): void {
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
}
