import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { TENANTS_KEY } from '../domain/keys.ts';
import type { Tenants } from '../domain/recovery/ports.ts';

/** Tenants in the control table: a list, to which the command line adds whoever gets a producer or a webhook. */
export class DynamoTenants implements Tenants {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async *list(): AsyncGenerator<readonly string[]> {
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#table,
        KeyConditionExpression: 'pk = :tenants',
        ExpressionAttributeValues: { ':tenants': { S: TENANTS_KEY } },
        ConsistentRead: true,
      },
    );
    for await (const { Items = [] } of pages) {
      const names = Items.flatMap(({ sk }) => sk?.S ?? []);
      if (names.length > 0) yield names;
    }
  }
}
