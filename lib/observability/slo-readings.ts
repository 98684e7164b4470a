import type { MetricName, SloMeasure, SloReading } from '../../lambdas/domain/error-budget.ts';
import { inDeployment } from './metric.ts';
import { isPlanned, type MetricId, metricOf } from './metrics.ts';
import { type Deployment, type Measure, slosOf } from './slos.ts';

/** The service levels of a deployment with the metrics to read for them, as rooms and the CLI get them. */
export function sloReadingsOf(name: string, deployment: Deployment): readonly SloReading[] {
  return slosOf(deployment)
    .filter(({ measure }) => !metricsIn(measure).some(isPlanned))
    .map(({ id, promise, objective, measure }) => ({
      id,
      promise,
      objective,
      measure: namedIn(name, measure),
    }));
}

/** Where in CloudWatch a metric of the catalogue is. */
export const metricNamed = (name: string, id: MetricId): MetricName => inDeployment(metricOf(id), name);

/** Without what is excused: where nothing writes it, nothing is. */
const metricsIn = (measure: Measure): readonly MetricId[] =>
  'duration' in measure ? [measure.duration] : [measure.bad, 'all' in measure ? measure.all : measure.good];

function namedIn(name: string, measure: Measure): SloMeasure {
  const metric = (id: MetricId) => metricNamed(name, id);
  if ('duration' in measure) return { duration: metric(measure.duration), withinMs: measure.withinMs };
  const counts = {
    bad: metric(measure.bad),
    ...('excused' in measure && measure.excused && { excused: metric(measure.excused) }),
  };
  return 'all' in measure
    ? { ...counts, all: metric(measure.all) }
    : { ...counts, good: metric(measure.good) };
}
