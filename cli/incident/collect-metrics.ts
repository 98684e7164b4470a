import type { DataPoint, MetricQuery, MetricReader } from '../../lambdas/domain/metric-reader.ts';
import { dashboardsOf } from '../../lib/observability/dashboards.ts';
import { metricNamed } from '../../lib/observability/slo-readings.ts';
import type { Deployment } from '../../lib/observability/slos.ts';
import { type Chart, drawCharts } from './draw-charts.ts';
import { type Collected, jsonFile, type Span, time } from './part.ts';

/** Points of a curve: enough to see a minute of trouble in twelve hours. */
const MOST_POINTS = 720;
const MINUTE_MS = 60_000;

interface Curve {
  readonly chart: string;
  readonly label: string;
  readonly query: MetricQuery;
}

/** What on-call looks at, as figures and as a picture. */
export async function collectMetrics(
  metrics: MetricReader,
  name: string,
  deployment: Deployment,
  { from, to }: Span,
): Promise<Collected> {
  const periodMs = Math.ceil(Math.max(1, (to - from) / MINUTE_MS / MOST_POINTS)) * MINUTE_MS;
  const start = Math.floor(from / periodMs) * periodMs;
  const curves = curvesOf(name, deployment, periodMs / 1000);
  const points = await metrics.read(
    curves.map(({ query }) => query),
    start,
    to,
  );
  const series = curves.map(({ chart, label, query }, index) => ({
    ...{ chart, label, metric: `${query.namespace} ${query.name}`, stat: query.stat },
    points: points[index]!,
  }));
  const charts: Chart[] = [...new Set(series.map(({ chart }) => chart))].map((title) => ({
    title,
    lines: series.filter(({ chart }) => chart === title),
  }));
  const written = series.filter(({ points: some }) => some.length > 0).length;
  return {
    files: [
      jsonFile('metrics/metrics.json', { periodSeconds: periodMs / 1000, series }),
      { path: 'metrics/metrics.csv', text: toCsv(series) },
      { path: 'metrics/charts.svg', text: drawCharts(charts, { from: start, to }) },
    ],
    summary: `${written} of ${series.length} curves have points, one in ${periodMs / 1000} s`,
  };
}

/** Those of the dashboard for on-call that are one metric each. */
function curvesOf(name: string, deployment: Deployment, periodSeconds: number): readonly Curve[] {
  const widgets = dashboardsOf(deployment)
    .filter(({ id }) => id === 'on-call')
    .flatMap(({ rows }) => rows.flat());
  return widgets.flatMap((widget) => {
    if (widget.kind !== 'graph') return [];
    return widget.curves.flatMap(({ label, readings, expression }) => {
      const [reading] = Object.values(readings);
      if (expression !== undefined || !reading) return [];
      const [metric, stat] = reading;
      return [{ chart: widget.title, label, query: { ...metricNamed(name, metric), stat, periodSeconds } }];
    });
  });
}

interface Series {
  readonly chart: string;
  readonly label: string;
  readonly points: readonly DataPoint[];
}

function toCsv(series: readonly Series[]): string {
  const times = [...new Set(series.flatMap(({ points }) => points.map(({ at }) => at)))].sort(
    (a, b) => a - b,
  );
  const columns = series.map(({ points }) => new Map(points.map(({ at, value }) => [at, value])));
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const head = ['time', ...series.map(({ chart, label }) => quoted(`${chart}: ${label}`))];
  const rows = times.map((at) => [time(at), ...columns.map((column) => column.get(at) ?? '')]);
  return `${[head, ...rows].map((row) => row.join(',')).join('\n')}\n`;
}
