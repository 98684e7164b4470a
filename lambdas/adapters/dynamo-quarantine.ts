import { type AttributeValue, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { QUARANTINE_TYPE } from '../domain/count-events.ts';
import { headKey, subjectKey } from '../domain/keys.ts';
import type { DayCount, QuarantineReader, Sample } from '../domain/quarantine-reader.ts';
import { samplesKey } from './dynamo-samples.ts';

/** Causes of quarantine: samples from the control table, counts from the state table. */
export class DynamoQuarantine implements QuarantineReader {
  readonly #client: DynamoDBClient;
  readonly #tables: { readonly controlTable: string; readonly stateTable: string };

  constructor(
    client: DynamoDBClient,
    tables: { readonly controlTable: string; readonly stateTable: string },
  ) {
    this.#client = client;
    this.#tables = tables;
  }

  async *samples(tenant: string, prefix = ''): AsyncGenerator<readonly Sample[]> {
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#tables.controlTable,
        // DynamoDB refuses an empty prefix.
        KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: {
          ':pk': { S: samplesKey(tenant) },
          ...(prefix !== '' && { ':sk': { S: prefix } }),
        },
      },
    );
    for await (const { Items = [] } of pages) yield Items.map(decodeSample);
  }

  async days({ tenant, fingerprint }: Pick<Sample, 'tenant' | 'fingerprint'>): Promise<readonly DayCount[]> {
    const prefix = headKey(QUARANTINE_TYPE, '');
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#tables.stateTable,
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
}

export function decodeSample(item: Record<string, AttributeValue>): Sample {
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

function decodeRedriven({
  requestId,
  at,
  events,
}: Record<string, AttributeValue>): Sample['redriven'] & object {
  return { requestId: requestId?.S ?? '', at: at?.S ?? '', events: Number(events?.N ?? 0) };
}
