import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import type { BucketKey, Page } from '../domain/bucket.ts';
import type { Contracts } from '../domain/contract.ts';
import { metersOf } from '../domain/count-events.ts';
import {
  decodePage,
  encodeHead,
  encodePage,
  type Head,
  type Item,
  type MetersOf,
  StateFormatError,
} from '../domain/head-item.ts';
import { headKey, pagePrefix, subjectKey } from '../domain/keys.ts';
import { asKept, fromKept, keptKey, readFound } from '../domain/recovery/found-bucket.ts';
import type { BucketStore, FoundBucket } from '../domain/recovery/ports.ts';
import type { HeadWrite } from '../domain/state-store.ts';
import { HeadsThrottledError } from './dynamo-state.ts';

/** Most keys of one BatchGetItem. */
const MAX_BATCH = 100;

/** Buckets in the state table, for recovery: docs/state.md. */
export class DynamoBuckets implements BucketStore {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;
  readonly #metersOf: MetersOf;

  constructor(client: Pick<DynamoDBClient, 'send'>, table: string, contracts: Contracts) {
    this.#client = client;
    this.#table = table;
    this.#metersOf = metersOf(contracts);
  }

  async find(keys: readonly BucketKey[]): Promise<readonly (FoundBucket | undefined)[]> {
    const items = new Map<string, Item>();
    for (let at = 0; at < keys.length; at += MAX_BATCH) {
      for (const item of await this.#getBatch(keys.slice(at, at + MAX_BATCH))) {
        const { pk, sk } = item as { pk: { S: string }; sk: { S: string } };
        items.set(`${pk.S} ${sk.S}`, item);
      }
    }
    return keys.map((key) => {
      const item = items.get(`${subjectKey(key.tenant, key.subject)} ${headKey(key.type, key.window)}`);
      return item && readFound(item, key, this.#metersOf);
    });
  }

  async #getBatch(keys: readonly BucketKey[]): Promise<readonly Item[]> {
    const items: Item[] = [];
    let wanted = keys.map((key) => itemKey(key, headKey(key.type, key.window)));
    while (wanted.length > 0) {
      const { Responses, UnprocessedKeys } = await this.#client.send(
        new BatchGetItemCommand({ RequestItems: { [this.#table]: { Keys: wanted, ConsistentRead: true } } }),
      );
      items.push(...((Responses?.[this.#table] ?? []) as unknown as Item[]));
      const rest = UnprocessedKeys?.[this.#table]?.Keys ?? [];
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
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: {
            ':pk': { S: subjectKey(key.tenant, key.subject) },
            ':prefix': { S: pagePrefix(key.type, key.window, epoch) },
          },
          ExclusiveStartKey: from,
        }),
      );
      for (const item of answer.Items ?? []) pages.push(...readPage(item as unknown as Item));
      from = answer.LastEvaluatedKey;
    } while (from);
    return pages;
  }

  async putPage(key: BucketKey, page: Page): Promise<void> {
    await this.#client.send(
      new PutItemCommand({ TableName: this.#table, Item: toItem(encodePage(key, page)) }),
    );
  }

  async replace(head: Head, seen: FoundBucket | undefined): Promise<HeadWrite> {
    const { key, bucket } = head;
    try {
      await this.#client.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: toItem(encodeHead(head, this.#metersOf(key.type, bucket.revision))),
          ...conditionOf(seen),
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return { written: true };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const item = error.Item as unknown as Item | undefined;
      return { written: false, current: item && readFound(item, key, this.#metersOf).head };
    }
  }

  async keep(key: BucketKey, epoch: number, item: Item): Promise<void> {
    const kept = asKept(item, key, epoch);
    await this.#client.send(new PutItemCommand({ TableName: this.#table, Item: toItem(kept) }));
  }

  async kept(key: BucketKey, epoch: number): Promise<FoundBucket | undefined> {
    const { Item: item } = await this.#client.send(
      new GetItemCommand({
        TableName: this.#table,
        Key: itemKey(key, keptKey(key.type, key.window, epoch)),
        ConsistentRead: true,
      }),
    );
    return item && readFound(fromKept(item as unknown as Item), key, this.#metersOf);
  }
}

/** As it was read: of its version, or, where it has none that can be read, with what stands in its place. */
function conditionOf(
  seen: FoundBucket | undefined,
): Pick<PutItemCommandInput, 'ConditionExpression' | 'ExpressionAttributeValues'> {
  if (!seen) return { ConditionExpression: 'attribute_not_exists(pk)' };
  const { v, digest } = toItem(seen.item);
  if (v) return { ConditionExpression: 'v = :v', ExpressionAttributeValues: { ':v': v } };
  const there = 'attribute_exists(pk) AND attribute_not_exists(v)';
  if (!digest) return { ConditionExpression: `${there} AND attribute_not_exists(digest)` };
  return {
    ConditionExpression: `${there} AND digest = :digest`,
    ExpressionAttributeValues: { ':digest': digest },
  };
}

/** A page that can't be read is as good as none: whoever follows the chain finds it missing. */
function readPage(item: Item): readonly Page[] {
  try {
    return [decodePage(item)];
  } catch (error) {
    if (error instanceof StateFormatError) return [];
    throw error;
  }
}

function itemKey(key: BucketKey, sk: string): Record<string, AttributeValue> {
  return { pk: { S: subjectKey(key.tenant, key.subject) }, sk: { S: sk } };
}

/** The SDK's union has more kinds and an `$unknown`; ours is a part of it. */
function toItem(item: Item): Record<string, AttributeValue> {
  return item as unknown as Record<string, AttributeValue>;
}
