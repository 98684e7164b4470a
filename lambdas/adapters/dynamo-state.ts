import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import type { BucketKey, Page } from '../domain/bucket.ts';
import type { Contracts } from '../domain/contract.ts';
import { metersOf } from '../domain/count-events.ts';
import {
  decodeHead,
  decodePage,
  encodeHead,
  encodePage,
  type Head,
  type Item,
  type MetersOf,
} from '../domain/head-item.ts';
import { headKey, pagePrefix, subjectKey } from '../domain/keys.ts';
import type { HeadWrite, StateStore } from '../domain/state-store.ts';

/** Most keys of one BatchGetItem. */
const MAX_BATCH = 100;

/** Buckets in the state table: docs/state.md. */
export class DynamoState implements StateStore {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;
  readonly #metersOf: MetersOf;

  constructor(client: Pick<DynamoDBClient, 'send'>, table: string, contracts: Contracts) {
    this.#client = client;
    this.#table = table;
    this.#metersOf = metersOf(contracts);
  }

  async heads(keys: readonly BucketKey[]): Promise<readonly (Head | undefined)[]> {
    const items = new Map<string, Item>();
    for (let at = 0; at < keys.length; at += MAX_BATCH) {
      for (const item of await this.#getBatch(keys.slice(at, at + MAX_BATCH))) items.set(nameOf(item), item);
    }
    return keys.map((key) => {
      const item = items.get(`${subjectKey(key.tenant, key.subject)} ${headKey(key.type, key.window)}`);
      return item && decodeHead(item, key, this.#metersOf);
    });
  }

  async #getBatch(keys: readonly BucketKey[]): Promise<readonly Item[]> {
    const items: Item[] = [];
    let wanted: Record<string, AttributeValue>[] = keys.map(headItemKey);
    while (wanted.length > 0) {
      const { Responses, UnprocessedKeys } = await this.#client.send(
        new BatchGetItemCommand({ RequestItems: { [this.#table]: { Keys: wanted } } }),
      );
      items.push(...((Responses?.[this.#table] ?? []) as unknown as Item[]));
      const rest = UnprocessedKeys?.[this.#table]?.Keys ?? [];
      // Nothing at all: the table is throttled, and the caller waits rather than this loop.
      if (rest.length === wanted.length) throw new HeadsThrottledError(rest.length);
      wanted = rest;
    }
    return items;
  }

  async pages(key: BucketKey, epoch: number): Promise<readonly Page[]> {
    const pages: Page[] = [];
    let from: Record<string, AttributeValue> | undefined;
    do {
      const answer: QueryCommandOutput = await this.#client.send(
        new QueryCommand({
          TableName: this.#table,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: {
            ':pk': { S: subjectKey(key.tenant, key.subject) },
            ':prefix': { S: pagePrefix(key.type, key.window, epoch) },
          },
          ExclusiveStartKey: from,
        }),
      );
      for (const item of answer.Items ?? []) pages.push(decodePage(item as unknown as Item));
      from = answer.LastEvaluatedKey;
    } while (from);
    return pages;
  }

  async page(key: BucketKey, pageKey: string): Promise<Page | undefined> {
    const { Item: item } = await this.#client.send(
      new GetItemCommand({
        TableName: this.#table,
        Key: { pk: { S: subjectKey(key.tenant, key.subject) }, sk: { S: pageKey } },
        ConsistentRead: true,
      }),
    );
    return item && decodePage(item as unknown as Item);
  }

  async putPage(key: BucketKey, page: Page): Promise<void> {
    await this.#client.send(
      new PutItemCommand({ TableName: this.#table, Item: toItem(encodePage(key, page)) }),
    );
  }

  async putHead(head: Head, seen: number | undefined): Promise<HeadWrite> {
    try {
      await this.#client.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: toItem(encodeHead(head, this.#metersOf(head.key.type, head.bucket.revision))),
          ...(seen === undefined
            ? { ConditionExpression: 'attribute_not_exists(pk)' }
            : {
                ConditionExpression: 'v = :seen',
                ExpressionAttributeValues: { ':seen': { N: String(seen) } },
              }),
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return { written: true };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const item = error.Item as unknown as Item | undefined;
      return { written: false, current: item && decodeHead(item, head.key, this.#metersOf) };
    }
  }
}

/** None of the heads asked for were returned; wait and ask again. */
export class HeadsThrottledError extends Error {
  override readonly name = 'ThrottlingException';
  constructor(keys: number) {
    super(`DynamoDB left all ${keys} keys of a BatchGetItem unprocessed`);
  }
}

function headItemKey(key: BucketKey): Record<string, AttributeValue> {
  return { pk: { S: subjectKey(key.tenant, key.subject) }, sk: { S: headKey(key.type, key.window) } };
}

function nameOf(item: Item): string {
  const { pk, sk } = item as { pk: { S: string }; sk: { S: string } };
  return `${pk.S} ${sk.S}`;
}

/** The SDK's union has more kinds and an `$unknown`; ours is a part of it. */
function toItem(item: Item): Record<string, AttributeValue> {
  return item as unknown as Record<string, AttributeValue>;
}
