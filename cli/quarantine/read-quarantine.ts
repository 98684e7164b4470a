import {
  type AttributeValue,
  type DynamoDBClient,
  paginateQuery,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import { encodePart, headKey, subjectKey } from '../../lambdas/domain/keys.ts';
import type { QuarantineSample } from '../../lambdas/domain/state-store.ts';

/** How many inputs one cause has kept out, on one day (UTC) of their arrival. */
export interface DayCount {
  readonly day: string;
  readonly count: number;
  /** When the first and the last of the day were received. */
  readonly first: string;
  readonly last: string;
}

/** The latest run that sent what is held under a cause again. */
export interface Redriven {
  readonly requestId: string;
  readonly at: string;
  /** How much of it. */
  readonly events: number;
}

interface Sample extends QuarantineSample {
  readonly redriven?: Redriven;
}

/** One cause: its sample, and exact counts. */
export interface Cause extends Sample {
  readonly days: readonly DayCount[];
  readonly count: number;
  /** When the latest was received. */
  readonly last: string;
}

/** Fingerprints are counted as buckets of this type: lambdas/project. */
const QUARANTINE_TYPE = 'weir.quarantine';
const PARTITION = 'QUARANTINE#';

export interface QuarantineTables {
  readonly client: DynamoDBClient;
  readonly controlTable: string;
  readonly stateTable: string;
}

/** The causes of one tenant; or of all, for which the whole control table is read. */
export async function* readCauses(
  tables: QuarantineTables,
  tenant?: string,
  prefix = '',
): AsyncGenerator<Cause> {
  for await (const sample of readSamples(tables, tenant, prefix)) {
    const days = await readDays(tables, sample);
    const last = days.at(-1)?.last ?? sample.first;
    yield { ...sample, days, last, count: days.reduce((sum, { count }) => sum + count, 0) };
  }
}

async function* readSamples(
  { client, controlTable }: QuarantineTables,
  tenant: string | undefined,
  prefix: string,
): AsyncGenerator<Sample> {
  const paginator = { client };
  const ofOne = (pk: string) =>
    paginateQuery(paginator, {
      TableName: controlTable,
      // DynamoDB refuses an empty prefix.
      KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :sk)',
      ExpressionAttributeValues: { ':pk': { S: pk }, ...(prefix !== '' && { ':sk': { S: prefix } }) },
    });
  const ofAll = () =>
    paginateScan(paginator, {
      TableName: controlTable,
      FilterExpression: 'begins_with(pk, :pk) AND begins_with(sk, :sk)',
      ExpressionAttributeValues: { ':pk': { S: PARTITION }, ':sk': { S: prefix } },
    });
  const pages = tenant === undefined ? ofAll() : ofOne(`${PARTITION}${encodePart(tenant)}`);
  for await (const { Items = [] } of pages) yield* Items.map(decodeSample);
}

/** One query a cause: its days' heads, and of them only what is shown. */
async function readDays(
  { client, stateTable }: QuarantineTables,
  { tenant, fingerprint }: QuarantineSample,
): Promise<readonly DayCount[]> {
  const prefix = headKey(QUARANTINE_TYPE, '');
  const pages = paginateQuery(
    { client },
    {
      TableName: stateTable,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
      ProjectionExpression: 'sk, n, #first, #last',
      ExpressionAttributeNames: { '#first': 'first', '#last': 'last' },
      ExpressionAttributeValues: { ':pk': { S: subjectKey(tenant, fingerprint) }, ':sk': { S: prefix } },
    },
  );
  const days: DayCount[] = [];
  for await (const { Items = [] } of pages) {
    for (const { sk, n, first, last } of Items) {
      const day = sk?.S?.slice(prefix.length) ?? '';
      days.push({ day, count: Number(n?.N ?? 0), first: first?.S ?? '', last: last?.S ?? '' });
    }
  }
  return days;
}

function decodeSample(item: Record<string, AttributeValue>): Sample {
  const text = (name: string) => item[name]?.S ?? '';
  const optional = (name: 'pointer' | 'type') =>
    item[name]?.S === undefined ? {} : { [name]: item[name].S };
  return {
    tenant: text('tenant'),
    fingerprint: text('sk'),
    code: text('code'),
    detail: text('detail'),
    producer: text('producer'),
    first: text('first'),
    origin: text('origin'),
    receipt: text('receipt'),
    input: text('input'),
    ...optional('pointer'),
    ...optional('type'),
    ...(item.schema?.N !== undefined && { schema: Number(item.schema.N) }),
    ...(item.redriven?.M && { redriven: decodeRedriven(item.redriven.M) }),
  };
}

function decodeRedriven({ requestId, at, events }: Record<string, AttributeValue>): Redriven {
  return { requestId: requestId?.S ?? '', at: at?.S ?? '', events: Number(events?.N ?? 0) };
}
