import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Reading } from '../observability/alarm.ts';
import { inDeployment } from '../observability/metric.ts';
import { metricOf } from '../observability/metrics.ts';

/** A metric of the catalogue by one statistic, in a deployment. */
export function metricBy(
  name: string,
  [id, statistic]: Reading,
  periodSeconds: number,
  label?: string,
): Metric {
  const { namespace, name: metricName, dimensions } = inDeployment(metricOf(id), name);
  return new Metric({
    namespace,
    metricName,
    dimensionsMap: { ...dimensions },
    statistic,
    period: Duration.seconds(periodSeconds),
    ...(label !== undefined && { label }),
  });
}

/** An expression over metrics of the catalogue; without one, the one metric itself. */
export function metricMath(
  name: string,
  readings: Readonly<Record<string, Reading>>,
  expression: string | undefined,
  periodSeconds: number,
  label?: string,
): IMetric {
  const usingMetrics = Object.fromEntries(
    Object.entries(readings).map(([key, reading]) => [key, metricBy(name, reading, periodSeconds)]),
  );
  if (expression === undefined) {
    return metricBy(name, Object.values(readings)[0]!, periodSeconds, label);
  }
  return new MathExpression({
    expression,
    usingMetrics,
    period: Duration.seconds(periodSeconds),
    ...(label !== undefined && { label }),
  });
}
