import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MetricQuery, MetricReader } from '../../lambdas/domain/metric-reader.ts';
import { inDeployment } from '../../lib/observability/metric.ts';
import { metricOf } from '../../lib/observability/metrics.ts';
import { connectConsole } from '../../scripts/console/connect-console.ts';
import { readCharts } from '../../scripts/console/read-charts.ts';

const MINUTE = 60_000;

describe('what the charts show', () => {
  it('is half an hour of the metrics that the catalogue names, in this deployment, and the minute under way', async () => {
    const asked: { queries: readonly MetricQuery[]; from: number; to: number }[] = [];
    const metrics: MetricReader = {
      read: async (queries, from, to) => {
        asked.push({ queries, from, to });
        return queries.map((_, index) => [{ at: from, value: index }]);
      },
    };
    const now = Date.parse('2026-03-01T12:34:56Z');
    const charts = await readCharts(metrics, 'blue', now);

    const [{ queries, from, to }] = asked as [(typeof asked)[0]];
    expect([from, to]).toEqual([Date.parse('2026-03-01T12:04:00Z'), Date.parse('2026-03-01T12:35:00Z')]);
    expect(charts).toMatchObject({ from, to, now });
    const expected = [
      ['ingest.accepted', 'Sum'],
      ['project.counted', 'Sum'],
      ['project.lag', 'Maximum'],
      ['ingest.shed', 'Sum'],
    ] as const;
    expect(queries).toEqual(
      expected.map(([id, stat]) => ({ ...inDeployment(metricOf(id), 'blue'), stat, periodSeconds: 60 })),
    );
    expect(charts.series.map(({ id, kind, points }) => [id, kind, points[0]?.value])).toEqual([
      ['accepted', 'count', 0],
      ['counted', 'count', 1],
      ['lag', 'time', 2],
      ['shed', 'count', 3],
    ]);
    expect(to - from).toBe(31 * MINUTE);
  });
});

/** Answers as Lambda's API does. */
async function lambda(body: string, failed = false): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    if (failed) response.setHeader('x-amz-function-error', 'Unhandled');
    response.end(body);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const source = (endpoint?: string) =>
  connectConsole({
    name: 'weir',
    where: 'here',
    aws: {
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      ...(endpoint !== undefined && { endpoint }),
    },
  });

describe("the widgets' function", () => {
  it('answers HTML as a JSON text', async () => {
    expect(await source(await lambda('"<p>a &amp; b</p>"')).callWidget({})).toBe('<p>a &amp; b</p>');
  });

  it('that answers anything else is shown it, not as HTML', async () => {
    expect(await source(await lambda('{"markdown":"<b>"}')).callWidget({})).toBe(
      '<pre>{\n  "markdown": "&lt;b>"\n}</pre>',
    );
    expect(await source(await lambda('')).callWidget({})).toBe('<pre>null</pre>');
  });

  it('that failed is an error with what it said, and where its logs are', async () => {
    const failing = source(await lambda('{"errorMessage":"no table","errorType":"Error"}', true));
    await expect(failing.callWidget({})).rejects.toMatchObject({
      message: 'weir-widgets failed: no table',
      hint: expect.stringContaining('/aws/lambda/weir-widgets'),
    });
    await expect(source(await lambda('', true)).callWidget({})).rejects.toThrow('no reason given');
  });

  it('is told from all others, in any of its versions', () => {
    const { isWidgets } = source();
    const arn = 'arn:aws:lambda:eu-central-1:123456789012:function:weir-widgets';
    expect([arn, `${arn}:live`, `${arn}:12`].every(isWidgets)).toBe(true);
    const others = [
      `${arn}-2`,
      `${arn}:a:b`,
      arn.replace('weir-', 'my-weir-'),
      'weir-widgets',
      '',
      `${arn} `,
      `${arn}\n`,
    ];
    expect(others.filter(isWidgets)).toEqual([]);
  });

  it('is asked seldom in an account, where asking is paid for', () => {
    expect(source().about).toMatchObject({ kind: 'aws', pollMs: 30_000 });
    expect(source('http://localhost:4566').about).toMatchObject({ kind: 'local', pollMs: 5_000 });
  });
});
