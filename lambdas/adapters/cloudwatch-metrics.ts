import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import type { DataPoint, MetricQuery, MetricReader } from '../domain/metric-reader.ts';

/** Most metrics of one GetMetricData call. */
const MAX_QUERIES = 500;

/** Metrics in CloudWatch, read with GetMetricData: US$ 0.01 per 1,000 metrics. */
export class CloudWatchMetrics implements MetricReader {
  readonly #client: Pick<CloudWatchClient, 'send'>;

  constructor(client: Pick<CloudWatchClient, 'send'>) {
    this.#client = client;
  }

  async read(
    queries: readonly MetricQuery[],
    from: number,
    to: number,
  ): Promise<readonly (readonly DataPoint[])[]> {
    const points = queries.map((): DataPoint[] => []);
    for (let first = 0; first < queries.length; first += MAX_QUERIES)
      await this.#some(queries.slice(first, first + MAX_QUERIES), first, from, to, points);
    return points.map((some) => some.sort((a, b) => a.at - b.at));
  }

  async #some(
    queries: readonly MetricQuery[],
    first: number,
    from: number,
    to: number,
    points: DataPoint[][],
  ): Promise<void> {
    let NextToken: string | undefined;
    do {
      const answer = await this.#client.send(
        new GetMetricDataCommand({
          MetricDataQueries: queries.map((query, index) => toQuery(query, first + index)),
          StartTime: new Date(from),
          EndTime: new Date(to),
          ScanBy: 'TimestampAscending',
          NextToken,
        }),
      );
      for (const { Id, Timestamps = [], Values = [] } of answer.MetricDataResults ?? [])
        for (const [at, time] of Timestamps.entries())
          points[Number(Id?.slice(1))]!.push({ at: time.getTime(), value: Values[at]! });
      NextToken = answer.NextToken;
    } while (NextToken);
  }
}

function toQuery(
  { namespace, name, dimensions, stat, periodSeconds }: MetricQuery,
  index: number,
): MetricDataQuery {
  return {
    Id: `m${index}`,
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: name,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Stat: stat,
      Period: periodSeconds,
    },
  };
}
