import type { MetricQuery, MetricReader } from '../../lambdas/domain/metric-reader.ts';
import { metricNamed } from '../../lib/observability/slo-readings.ts';
import type { LogFacts } from '../platform/deployment.ts';

/** How much of something there was; undefined where CloudWatch has no figures of it. */
export type Quantity = number | undefined;

/** A function, as far as its price goes by it. */
export interface PricedFunction {
  readonly name: string;
  readonly memoryMb: number;
}

/** What was used in a time, as CloudWatch has counted it. */
export interface Quantities {
  /** Events counted into state, those that were there before, and those that the log took. */
  readonly counted: Quantity;
  readonly duplicates: Quantity;
  readonly accepted: Quantity;
  readonly apiRequests: Quantity;
  readonly invocations: Quantity;
  readonly gbSeconds: Quantity;
  /** Write units of the state table and its index, and of the other tables. */
  readonly stateWrites: Quantity;
  readonly otherWrites: Quantity;
  readonly reads: Quantity;
  readonly logRecords: Quantity;
  readonly logBytes: Quantity;
  /** Batches of the archive: each makes one object at most. */
  readonly archiveBatches: Quantity;
  readonly queueRequests: Quantity;
  readonly logLineBytes: Quantity;
}

export interface Where {
  readonly name: string;
  readonly metrics: MetricReader;
  readonly functions: readonly PricedFunction[];
}

const HOUR_MS = 3_600_000;
const QUEUES = ['webhooks', 'webhooks-dead', 'repair', 'repair-dead'];
const QUEUE_REQUESTS = [
  'NumberOfMessagesSent',
  'NumberOfMessagesReceived',
  'NumberOfEmptyReceives',
  'NumberOfMessagesDeleted',
];

/** Periods that CloudWatch still has, and that make few points: minutes of some hours, else hours. */
const periodOf = (from: number, to: number): number => (to - from <= 6 * HOUR_MS ? 60 : 3600);

/** Reads what was used from `from` to `to` (ms). */
export async function readQuantities(where: Where, from: number, to: number): Promise<Quantities> {
  const { name, functions } = where;
  const asked: MetricQuery[] = [];
  const periodSeconds = periodOf(from, to);
  const ask = (namespace: string, metric: string, dimensions: Record<string, string>): number =>
    asked.push({ namespace, name: metric, dimensions, stat: 'Sum', periodSeconds }) - 1;
  const known = (id: Parameters<typeof metricNamed>[1]): number =>
    asked.push({ ...metricNamed(name, id), stat: 'Sum', periodSeconds }) - 1;
  const table = (tableName: string, metric: string, index?: string) =>
    ask('AWS/DynamoDB', metric, {
      TableName: `${name}-${tableName}`,
      ...(index && { GlobalSecondaryIndexName: index }),
    });
  const WRITES = 'ConsumedWriteCapacityUnits';
  const READS = 'ConsumedReadCapacityUnits';
  const stream = { StreamName: `${name}-log` };
  const at = {
    counted: known('project.counted'),
    duplicates: known('project.duplicates'),
    accepted: known('ingest.accepted'),
    apiRequests: known('api.requests'),
    archiveBatches: known('archive.runs'),
    invocations: functions.map((one) => ask('AWS/Lambda', 'Invocations', { FunctionName: one.name })),
    durations: functions.map((one) => ask('AWS/Lambda', 'Duration', { FunctionName: one.name })),
    stateWrites: [table('state', WRITES), table('state', WRITES, 'touched')],
    otherWrites: [table('control', WRITES), table('deliveries', WRITES)],
    reads: [
      table('state', READS),
      table('state', READS, 'touched'),
      table('control', READS),
      table('deliveries', READS),
    ],
    logRecords: ask('AWS/Kinesis', 'IncomingRecords', stream),
    logBytes: ask('AWS/Kinesis', 'IncomingBytes', stream),
    queueRequests: QUEUES.flatMap((queue) =>
      QUEUE_REQUESTS.map((metric) => ask('AWS/SQS', metric, { QueueName: `${name}-${queue}` })),
    ),
    logLineBytes: functions.map((one) =>
      ask('AWS/Logs', 'IncomingBytes', { LogGroupName: `/aws/lambda/${one.name}` }),
    ),
  };
  const start = Math.floor(from / (periodSeconds * 1000)) * periodSeconds * 1000;
  const points = await where.metrics.read(asked, start, to);
  const sums = points.map((some) =>
    some.length === 0 ? undefined : some.reduce((sum, { value }) => sum + value, 0),
  );
  const all = (indices: readonly number[]) => total(indices.map((index) => sums[index]));
  return {
    counted: sums[at.counted],
    duplicates: sums[at.duplicates],
    accepted: sums[at.accepted],
    apiRequests: sums[at.apiRequests],
    archiveBatches: sums[at.archiveBatches],
    invocations: all(at.invocations),
    gbSeconds: total(
      at.durations.map((index, one) => {
        const ms = sums[index];
        return ms === undefined ? undefined : (ms / 1000) * (functions[one]!.memoryMb / 1024);
      }),
    ),
    stateWrites: all(at.stateWrites),
    otherWrites: all(at.otherWrites),
    reads: all(at.reads),
    logRecords: sums[at.logRecords],
    logBytes: sums[at.logBytes],
    queueRequests: all(at.queueRequests),
    logLineBytes: all(at.logLineBytes),
  };
}

/** Undefined where all are. */
function total(some: readonly Quantity[]): Quantity {
  const known = some.filter((one) => one !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, one) => sum + one, 0);
}

export type LogSize = Pick<LogFacts, 'openShards' | 'onDemand' | 'retentionHours'>;
