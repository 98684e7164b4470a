import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { decodePart } from '../domain/keys.ts';
import type { Tenants } from '../domain/recovery/ports.ts';

const TENANTS = 'TENANT#';

/** Tenants in the control table. There is no list of them, so the whole table is read. */
export class DynamoTenants implements Tenants {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async *list(): AsyncGenerator<readonly string[]> {
    const pages = paginateScan(
      { client: this.#client },
      {
        TableName: this.#table,
        FilterExpression: 'begins_with(pk, :tenants)',
        ExpressionAttributeValues: { ':tenants': { S: TENANTS } },
        ProjectionExpression: 'pk',
      },
    );
    for await (const { Items = [] } of pages) {
      const names = new Set(Items.map(({ pk }) => decodePart((pk?.S ?? '').slice(TENANTS.length))));
      if (names.size > 0) yield [...names];
    }
  }
}
