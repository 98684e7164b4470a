import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import type { BucketKey, Page } from '../domain/bucket.ts';
import { decodeHead, decodePage, type Head, type Item, type MetersOf } from '../domain/head-item.ts';
import { headKey, pagePrefix, subjectKey } from '../domain/keys.ts';
import type { HeadRange, UsageReader } from '../domain/usage-reader.ts';

/** All of a head but the ids of its open page, which may be half of it and are of no use to readers. */
const HEAD_ATTRIBUTES = 'pk sk v epoch revision n m digest first last tail lt values upTo touched'.split(' ');

/**
 * Buckets in the state table by queries. They are strongly consistent: `asOf` is read before them, and a stale head
 * would not hold what it promises.
 */
export class DynamoUsage implements UsageReader {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;
  readonly #metersOf: MetersOf;

  constructor(client: Pick<DynamoDBClient, 'send'>, table: string, metersOf: MetersOf) {
    this.#client = client;
    this.#table = table;
    this.#metersOf = metersOf;
  }

  async heads({ tenant, subject, type, first, last }: HeadRange): Promise<readonly Head[]> {
    const items = await this.#query(
      'pk = :pk AND sk BETWEEN :first AND :last',
      {
        ':pk': { S: subjectKey(tenant, subject) },
        ':first': { S: headKey(type, first) },
        ':last': { S: headKey(type, last) },
      },
      HEAD_ATTRIBUTES,
    );
    return items.map((item) => {
      const window = (item.sk as { S: string }).S.split('#')[2]!;
      return decodeHead(item, { tenant, subject, type, window }, this.#metersOf);
    });
  }

  async pages(key: BucketKey, epoch: number): Promise<readonly Page[]> {
    const items = await this.#query('pk = :pk AND begins_with(sk, :prefix)', {
      ':pk': { S: subjectKey(key.tenant, key.subject) },
      ':prefix': { S: pagePrefix(key.type, key.window, epoch) },
    });
    return items.map(decodePage);
  }

  async #query(
    condition: string,
    values: Record<string, AttributeValue>,
    attributes?: readonly string[],
  ): Promise<readonly Item[]> {
    const items: Item[] = [];
    let from: Record<string, AttributeValue> | undefined;
    do {
      const answer: QueryCommandOutput = await this.#client.send(
        new QueryCommand({
          TableName: this.#table,
          KeyConditionExpression: condition,
          ExpressionAttributeValues: values,
          ...(attributes && {
            ProjectionExpression: attributes.map((name) => `#${name}`).join(', '),
            ExpressionAttributeNames: Object.fromEntries(attributes.map((name) => [`#${name}`, name])),
          }),
          ConsistentRead: true,
          ExclusiveStartKey: from,
        }),
      );
      items.push(...((answer.Items ?? []) as unknown as Item[]));
      from = answer.LastEvaluatedKey;
    } while (from);
    return items;
  }
}
