import { randomUUID } from 'node:crypto';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { expect, it } from 'vitest';
import { CloudWatchMetrics } from '../../../lambdas/adapters/cloudwatch-metrics.ts';
import { deployed } from '../../support/deployed.ts';

it('percentiles and ranks are told of values, period by period, beside sums', async () => {
  const client = new CloudWatchClient({
    ...{ endpoint: deployed().endpoint, region: 'us-east-1' },
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const namespace = `weir-${randomUUID()}`;
  const start = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000;
  const datum = (minute: number, more: object) => ({
    ...{ MetricName: 'took', Dimensions: [{ Name: 'service', Value: 'x' }] },
    Timestamp: new Date(start + minute * 60_000),
    ...more,
  });
  await client.send(
    new PutMetricDataCommand({
      Namespace: namespace,
      MetricData: [datum(0, { Values: [10, 20, 50], Counts: [1, 2, 1] }), datum(2, { Value: 400 })],
    }),
  );
  const stats = ['p50', 'p95', 'PR(:20)', 'Sum'];
  const points = await new CloudWatchMetrics(client).read(
    stats.map((stat) => ({
      ...{ namespace, name: 'took', dimensions: { service: 'x' }, periodSeconds: 60, stat },
    })),
    start,
    start + 300_000,
  );
  const values = points.map((some) => some.map(({ at, value }) => [(at - start) / 60_000, value]));
  expect(Object.fromEntries(stats.map((stat, index) => [stat, values[index]]))).toEqual({
    p50: [
      [0, 20],
      [2, 400],
    ],
    p95: [
      [0, 50],
      [2, 400],
    ],
    'PR(:20)': [
      [0, 75],
      [2, 0],
    ],
    Sum: [
      [0, 100],
      [2, 400],
    ],
  });
});
