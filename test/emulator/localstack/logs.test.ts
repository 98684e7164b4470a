// Logs and metrics of functions reach CloudWatch: the alarms and the tests of telemetry rely on it.

import { randomUUID } from 'node:crypto';
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  type FilteredLogEvent,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Emulator, emulator, eventually } from '../../support/localstack.ts';
import { RawFunctions } from '../../support/raw-functions.ts';

let aws: Emulator;
let functions: RawFunctions;
let logs: CloudWatchLogsClient;
let metrics: CloudWatchClient;

beforeAll(async () => {
  aws = await emulator();
  functions = new RawFunctions(aws);
  logs = new CloudWatchLogsClient(aws);
  metrics = new CloudWatchClient(aws);
});

/** All events of a group, once there are as many REPORT lines as invocations. */
const eventsOf = (group: string, invocations: number): Promise<FilteredLogEvent[]> =>
  eventually(`the log of ${group}`, async () => {
    const { events = [] } = await logs
      .send(new FilterLogEventsCommand({ logGroupName: group }))
      .catch(() => ({ events: [] as FilteredLogEvent[] }));
    const reports = events.filter(
      ({ message }) => message?.includes('REPORT') || message?.includes('platform.report'),
    );
    return reports.length >= invocations ? events : undefined;
  });

const TALK = `
  console.log('at load');
  export const handler = async (event) => {
    console.log('first', { a: 1 });
    process.stdout.write('raw line\\n');
    console.error('two\\nlines');
    process.stderr.write('no newline');
    if (event.fail) throw new Error('it failed');
  };`;

describe('logs', () => {
  test('of a cold and a warm invocation, in order, as Lambda writes them', async () => {
    const name = await functions.create(TALK);
    await functions.invoke(name);
    await functions.invoke(name);
    const messages = (await eventsOf(`/aws/lambda/${name}`, 2)).map(({ message }) => message);
    const cold = [
      /^\S+Z\tundefined\tINFO\tat load$/,
      /^START RequestId: \S+ Version: \$LATEST$/,
      /^\S+Z\t[0-9a-f-]{36}\tINFO\tfirst \{ a: 1 \}$/,
      /^raw line$/,
      /^\S+Z\t[0-9a-f-]{36}\tERROR\ttwo\nlines$/,
      /^no newline$/,
      /^END RequestId: /,
      /^REPORT RequestId: \S+\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms\t$/,
    ];
    expect(messages).toHaveLength(2 * cold.length - 1);
    for (const [index, pattern] of cold.entries()) expect(messages[index]).toMatch(pattern);
    expect(messages.at(-1)).toMatch(/^REPORT RequestId: \S+\t.*Max Memory Used: \d+ MB\t$/);
  });

  test('of an error hold its type and its stack', async () => {
    const name = await functions.create(TALK);
    const { log } = await functions.invoke(name, { fail: true });
    expect(log).toContain('ERROR\tInvoke Error');
    expect(log).toContain('"errorType":"Error","errorMessage":"it failed"');
    expect(log).toMatch(/^REPORT RequestId/m);
  });

  test('go to a stream of the environment', async () => {
    const name = await functions.create(TALK);
    await functions.invoke(name);
    await eventsOf(`/aws/lambda/${name}`, 1);
    const { logStreams = [] } = await logs.send(
      new DescribeLogStreamsCommand({ logGroupName: `/aws/lambda/${name}` }),
    );
    expect(logStreams.map(({ logStreamName }) => logStreamName)).toEqual([
      expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
    ]);
  });

  test('go to the group that the function names', async () => {
    const group = `/weir/${randomUUID()}`;
    const name = await functions.create(TALK, { LoggingConfig: { LogGroup: group } });
    await functions.invoke(name);
    const events = await eventsOf(group, 1);
    expect(events[0]?.logStreamName).toContain(`/${name}[$LATEST]`);
  });

  test('are JSON when the function asks for it', async () => {
    const name = await functions.create(TALK, {
      LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'INFO', SystemLogLevel: 'INFO' },
    });
    await functions.invoke(name);
    const messages = (await eventsOf(`/aws/lambda/${name}`, 1)).map(({ message = '' }) => message);
    const parsed = messages
      .filter((message) => message.startsWith('{'))
      .map((message) => JSON.parse(message));
    expect(parsed).toContainEqual(expect.objectContaining({ level: 'ERROR', message: 'two\nlines' }));
    expect(parsed.at(-1)).toMatchObject({ type: 'platform.report', record: { status: 'success' } });
  });

  test('the answer of an invocation holds at most the last 4 KB', async () => {
    const name = await functions.create("export const handler = async () => console.log('y'.repeat(9000));");
    const { log } = await functions.invoke(name);
    expect(Buffer.byteLength(log)).toBe(4096);
    expect(log).toMatch(/REPORT RequestId: [^\n]+\n$/);
  });

  test('of many events keep their order', async () => {
    const name = await functions.create(
      "export const handler = async () => { for (let i = 0; i < 6000; i += 1) process.stdout.write('line ' + i + '\\n'); };",
    );
    await functions.invoke(name);
    const seen: number[] = [];
    await eventsOf(`/aws/lambda/${name}`, 1).catch(() => undefined);
    let nextToken: string | undefined;
    do {
      const page = await logs.send(
        new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${name}`, nextToken }),
      );
      for (const { message } of page.events ?? []) {
        if (message?.startsWith('line ')) seen.push(Number(message.slice(5)));
      }
      nextToken = page.nextToken;
    } while (nextToken);
    expect(seen).toEqual(Array.from({ length: 6000 }, (_, index) => index));
  });
});

describe('embedded metrics', () => {
  /** The sum and count of a metric over the last hour, once they are there. */
  const statistics = (namespace: string, metric: string, dimensions: Record<string, string>, unit?: string) =>
    eventually(`${namespace} ${metric}`, async () => {
      const { Datapoints = [] } = await metrics.send(
        new GetMetricStatisticsCommand({
          Namespace: namespace,
          MetricName: metric,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
          StartTime: new Date(Date.now() - 3600_000),
          EndTime: new Date(Date.now() + 60_000),
          Period: 3600 * 2,
          Statistics: ['Sum', 'SampleCount', 'Maximum'],
          ...(unit ? { Unit: unit as 'Count' } : {}),
        }),
      );
      const sum = (key: 'Sum' | 'SampleCount') =>
        Datapoints.reduce((total, point) => total + (point[key] ?? 0), 0);
      return Datapoints.length > 0 ? { sum: sum('Sum'), count: sum('SampleCount') } : undefined;
    });

  test('become metrics, for each set of dimensions, with arrays of values', async () => {
    const namespace = `weir-${randomUUID()}`;
    const document = {
      _aws: {
        Timestamp: Date.now(),
        CloudWatchMetrics: [
          {
            Namespace: namespace,
            Dimensions: [['service'], ['service', 'tenant'], []],
            Metrics: [
              { Name: 'accepted', Unit: 'Count', StorageResolution: 1 },
              { Name: 'latency', Unit: 'Milliseconds' },
            ],
          },
        ],
      },
      service: 'ingest',
      tenant: 'acme',
      accepted: 5,
      latency: [10, 20, 20, 50],
      other: 'property',
    };
    const code = `export const handler = async () => { process.stdout.write(${JSON.stringify(JSON.stringify(document))} + '\\n'); };`;
    const name = await functions.create(code);
    await functions.invoke(name);
    expect(await statistics(namespace, 'accepted', { service: 'ingest' }, 'Count')).toEqual({
      sum: 5,
      count: 1,
    });
    expect(await statistics(namespace, 'accepted', { service: 'ingest', tenant: 'acme' })).toEqual({
      sum: 5,
      count: 1,
    });
    expect(await statistics(namespace, 'latency', { service: 'ingest' })).toEqual({ sum: 100, count: 4 });
    expect(await statistics(namespace, 'latency', {})).toEqual({ sum: 100, count: 4 });
  });

  test.each([
    ['are malformed', '{"_aws":{"CloudWatchMetrics":7}}'],
    [
      'CloudWatch refuses',
      '{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"","Dimensions":[["d"]],"Metrics":[{"Name":"m","Unit":"Furlongs"}]}]},"d":"","m":1}',
    ],
  ])('that %s do no harm to the log', async (_, line) => {
    const name = await functions.create(
      `export const handler = async () => { process.stdout.write(${JSON.stringify(line)} + '\\n'); };`,
    );
    await functions.invoke(name);
    const messages = (await eventsOf(`/aws/lambda/${name}`, 1)).map(({ message }) => message);
    expect(messages).toContain(line);
  });
});
