import type { MetricQuery, MetricReader } from '../../lambdas/domain/metric-reader.ts';
import type { Stat } from '../../lib/observability/metric.ts';
import { inDeployment } from '../../lib/observability/metric.ts';
import { type MetricId, metricOf } from '../../lib/observability/metrics.ts';
import type { Charts, Series } from './ports.ts';

const MINUTE = 60_000;
/** Whole minutes that are shown, beside the one that is under way. */
const MINUTES = 30;

interface Shown {
  readonly id: string;
  readonly title: string;
  readonly kind: Series['kind'];
  readonly metric: MetricId;
  readonly stat: Stat;
}

const SHOWN: readonly Shown[] = [
  { id: 'accepted', title: 'Accepted', kind: 'count', metric: 'ingest.accepted', stat: 'Sum' },
  { id: 'counted', title: 'Counted', kind: 'count', metric: 'project.counted', stat: 'Sum' },
  { id: 'lag', title: 'Lag', kind: 'time', metric: 'project.lag', stat: 'Maximum' },
  { id: 'shed', title: 'Shed', kind: 'count', metric: 'ingest.shed', stat: 'Sum' },
];

/** Reads what the charts of a deployment show at a moment. */
export async function readCharts(metrics: MetricReader, deployment: string, now: number): Promise<Charts> {
  const to = (Math.floor(now / MINUTE) + 1) * MINUTE;
  const from = to - (MINUTES + 1) * MINUTE;
  const points = await metrics.read(
    SHOWN.map((shown) => toQuery(shown, deployment)),
    from,
    to,
  );
  const series = SHOWN.map(({ id, title, kind, metric }, index) => ({
    ...{ id, title, kind },
    meaning: metricOf(metric).meaning,
    points: points[index] ?? [],
  }));
  return { from, to, now, series };
}

function toQuery({ metric, stat }: Shown, deployment: string): MetricQuery {
  return { ...inDeployment(metricOf(metric), deployment), stat, periodSeconds: MINUTE / 1000 };
}
