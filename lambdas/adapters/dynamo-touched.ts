import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import type { BucketKey } from '../domain/bucket.ts';
import { bucketOf } from '../domain/keys.ts';
import type { TouchedIndex } from '../domain/recovery/ports.ts';

/** The state table's index `touched`. It holds what has that attribute: heads, and copies of heads, which are left out. */
export class DynamoTouched implements TouchedIndex {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async *buckets(touched: string): AsyncGenerator<readonly BucketKey[]> {
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#table,
        IndexName: 'touched',
        KeyConditionExpression: 'touched = :touched',
        ExpressionAttributeValues: { ':touched': { S: touched } },
      },
    );
    for await (const { Items = [] } of pages) {
      const keys = Items.flatMap(({ pk, sk }) => bucketOf(pk?.S ?? '', sk?.S ?? '') ?? []);
      if (keys.length > 0) yield keys;
    }
  }
}
