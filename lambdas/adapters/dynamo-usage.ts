import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import type { BucketKey, Page } from '../domain/bucket.ts';
import { decodeHead, decodePage, type Item, type MetersOf } from '../domain/head-item.ts';
import { headKey, pagePrefix, subjectKey } from '../domain/keys.ts';
import type { HeadRange, HeadsRead, UsageReader } from '../domain/usage-reader.ts';

/** All of a head but the ids of its open page, which may be half of it and are of no use to readers. */
const HEAD_ATTRIBUTES = 'pk sk v epoch revision n m digest first last tail lt values upTo touched'.split(' ');

/** DynamoDB reads this much for each answer to a query, before it leaves out what is not asked for. */
const ANSWER_BYTES = 1024 * 1024;

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

  async heads({ tenant, subject, type, first, last }: HeadRange, maxBytes: number): Promise<HeadsRead> {
    const { items, cut } = await this.#query(
      'pk = :pk AND sk BETWEEN :first AND :last',
      {
        ':pk': { S: subjectKey(tenant, subject) },
        ':first': { S: headKey(type, first) },
        ':last': { S: headKey(type, last) },
      },
      { attributes: HEAD_ATTRIBUTES, maxBytes },
    );
    const heads = items.map((item) => {
      const window = (item.sk as { S: string }).S.split('#')[2]!;
      return decodeHead(item, { tenant, subject, type, window }, this.#metersOf);
    });
    return { heads, cut };
  }

  async pages(key: BucketKey, epoch: number): Promise<readonly Page[]> {
    const { items } = await this.#query('pk = :pk AND begins_with(sk, :prefix)', {
      ':pk': { S: subjectKey(key.tenant, key.subject) },
      ':prefix': { S: pagePrefix(key.type, key.window, epoch) },
    });
    return items.map(decodePage);
  }

  async #query(
    condition: string,
    values: Record<string, AttributeValue>,
    {
      attributes,
      maxBytes = Number.POSITIVE_INFINITY,
    }: { attributes?: readonly string[]; maxBytes?: number } = {},
  ): Promise<{ readonly items: readonly Item[]; readonly cut: boolean }> {
    const items: Item[] = [];
    let bytes = 0;
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
      bytes += ANSWER_BYTES;
    } while (from && (bytes < maxBytes || items.length === 0));
    return { items, cut: from !== undefined };
  }
}
