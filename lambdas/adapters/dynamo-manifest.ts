import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { ManifestEntry, ManifestHead, ManifestStore } from '../domain/manifest.ts';
import type { ArchivedShard, ManifestReader } from '../domain/recovery/ports.ts';
import {
  AFTER_ENTRIES,
  decodeEntry,
  decodeHead,
  decodeShard,
  encodeEntry,
  encodeHead,
  encodeShard,
  entryKey,
  headKeyOf,
  MANIFESTS,
  manifestKey,
} from './manifest-items.ts';

export { manifestKey };

type Item = Record<string, AttributeValue>;

/** Entries asked for first: whoever looks for a place in the chain needs no more. */
const FIRST_ENTRIES = 16;

/** Manifests in the control table. */
export class DynamoManifest implements ManifestStore, ManifestReader {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;

  constructor(client: Pick<DynamoDBClient, 'send'>, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async head(shardId: string): Promise<ManifestHead | undefined> {
    const item = await this.#item(headKeyOf(shardId));
    return item && decodeHead(shardId, item);
  }

  begin(entry: ManifestEntry, head: ManifestHead, parents: readonly string[]): Promise<boolean> {
    return this.#transact([
      { Put: { TableName: this.#table, Item: encodeEntry(entry) } },
      {
        Put: {
          TableName: this.#table,
          Item: encodeHead(head),
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      },
      { Put: { TableName: this.#table, Item: encodeShard({ shardId: entry.shardId, parents }) } },
    ]);
  }

  append(entry: ManifestEntry, head: ManifestHead, seen: ManifestHead): Promise<boolean> {
    return this.#transact([
      { Put: { TableName: this.#table, Item: encodeEntry(entry) } },
      {
        Put: {
          TableName: this.#table,
          Item: encodeHead(head),
          ConditionExpression: 'chain = :seen',
          ExpressionAttributeValues: { ':seen': { S: seen.chain } },
        },
      },
    ]);
  }

  async shards(): Promise<readonly ArchivedShard[]> {
    const shards: ArchivedShard[] = [];
    for await (const items of this.#query({
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: MANIFESTS } },
    }))
      shards.push(...items.map(decodeShard));
    return shards;
  }

  async entry(shardId: string, first: string): Promise<ManifestEntry | undefined> {
    const item = await this.#item({ pk: { S: manifestKey(shardId) }, sk: { S: entryKey(first) } });
    return item && decodeEntry(shardId, item);
  }

  async *entries(shardId: string, from?: string): AsyncGenerator<readonly ManifestEntry[]> {
    const after = from === undefined ? entryKey('') : await this.#keyOfHolder(shardId, from);
    for await (const items of this.#query({
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: {
        ':pk': { S: manifestKey(shardId) },
        ':from': { S: after },
        ':to': { S: AFTER_ENTRIES },
      },
      ...(from !== undefined && { Limit: FIRST_ENTRIES }),
    }))
      if (items.length > 0) yield items.map((item) => decodeEntry(shardId, item));
  }

  /** Key of the entry that holds the sequence number, or, where none does, one before that of the next. */
  async #keyOfHolder(shardId: string, sequence: string): Promise<string> {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: {
          ':pk': { S: manifestKey(shardId) },
          ':from': { S: entryKey('') },
          ':to': { S: entryKey(sequence) },
        },
        ScanIndexForward: false,
        Limit: 1,
        ConsistentRead: true,
      }),
    );
    const before = Items[0];
    return before?.sk?.S && entryKey(before.last?.S ?? '') >= entryKey(sequence)
      ? before.sk.S
      : entryKey(sequence);
  }

  /** Where `Limit` is given it is of the first page only. */
  async *#query(input: Omit<QueryCommandInput, 'TableName'>): AsyncGenerator<Item[]> {
    let from: Item | undefined;
    const { Limit, ...rest } = input;
    do {
      const answer: QueryCommandOutput = await this.#client.send(
        new QueryCommand({
          ...rest,
          ...(Limit !== undefined && !from && { Limit }),
          TableName: this.#table,
          ConsistentRead: true,
          ExclusiveStartKey: from,
        }),
      );
      yield answer.Items ?? [];
      from = answer.LastEvaluatedKey;
    } while (from);
  }

  async #item(Key: Item): Promise<Item | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key, ConsistentRead: true }),
    );
    return Item;
  }

  async #transact(TransactItems: TransactWriteItem[]): Promise<boolean> {
    try {
      await this.#client.send(new TransactWriteItemsCommand({ TransactItems }));
      return true;
    } catch (error) {
      if (error instanceof TransactionCanceledException && isConditionFailed(error)) return false;
      throw error;
    }
  }
}

function isConditionFailed(error: TransactionCanceledException): boolean {
  return error.CancellationReasons?.some(({ Code }) => Code === 'ConditionalCheckFailed') ?? false;
}
