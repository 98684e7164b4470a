import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { Few, ManifestEntry, ManifestHead, ManifestStore } from '../domain/manifest.ts';

/** Digits to which sequence numbers in keys are padded, so that they sort as numbers. Kinesis' have some 56. */
const SEQUENCE_DIGITS = 64;

export function manifestKey(shardId: string): string {
  return `MANIFEST#${shardId}`;
}

export function entryKey(firstSequence: string): string {
  return `O#${firstSequence.padStart(SEQUENCE_DIGITS, '0')}`;
}

/** Manifests in the control table. */
export class DynamoManifest implements ManifestStore {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;

  constructor(client: Pick<DynamoDBClient, 'send'>, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async head(shardId: string): Promise<ManifestHead | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key: headKeyOf(shardId), ConsistentRead: true }),
    );
    return Item && decodeHead(shardId, Item);
  }

  async append(entry: ManifestEntry, head: ManifestHead, seen: ManifestHead | undefined): Promise<boolean> {
    const unchanged = seen
      ? { ConditionExpression: 'chain = :seen', ExpressionAttributeValues: { ':seen': { S: seen.chain } } }
      : { ConditionExpression: 'attribute_not_exists(pk)' };
    try {
      await this.#client.send(
        new TransactWriteItemsCommand({
          TransactItems: [
            { Put: { TableName: this.#table, Item: encodeEntry(entry) } },
            { Put: { TableName: this.#table, Item: encodeHead(head), ...unchanged } },
          ],
        }),
      );
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

function headKeyOf(shardId: string): Record<string, AttributeValue> {
  return { pk: { S: manifestKey(shardId) }, sk: { S: 'HEAD' } };
}

function encodeHead(head: ManifestHead): Record<string, AttributeValue> {
  return {
    ...headKeyOf(head.shardId),
    last: { S: head.last },
    chain: { S: head.chain },
    objects: { N: String(head.objects) },
    records: { N: String(head.records) },
    events: { N: String(head.events) },
    bytes: { N: String(head.bytes) },
    ...(head.mark !== undefined && { mark: { S: head.mark } }),
  };
}

function decodeHead(shardId: string, item: Record<string, AttributeValue>): ManifestHead {
  const mark = item.mark?.S;
  return {
    shardId,
    last: item.last?.S ?? '0',
    chain: item.chain?.S ?? '',
    objects: Number(item.objects?.N),
    records: Number(item.records?.N),
    events: Number(item.events?.N),
    bytes: Number(item.bytes?.N),
    ...(mark !== undefined && { mark }),
  };
}

function encodeEntry(entry: ManifestEntry): Record<string, AttributeValue> {
  return {
    pk: { S: manifestKey(entry.shardId) },
    sk: { S: entryKey(entry.first) },
    key: { S: entry.key },
    first: { S: entry.first },
    last: { S: entry.last },
    records: { N: String(entry.records) },
    events: { N: String(entry.events) },
    bytes: { N: String(entry.bytes) },
    sha256: { S: entry.sha256 },
    versionId: { S: entry.versionId },
    chain: { S: entry.chain },
    arrived: { L: [{ S: entry.arrived.from }, { S: entry.arrived.to }] },
    tenants: encodeFew(entry.tenants),
    types: encodeFew(entry.types),
    fingerprints: encodeFew(entry.fingerprints),
    ...(entry.times && { times: { L: [{ S: entry.times.from }, { S: entry.times.to }] } }),
    ...(entry.mark !== undefined && { mark: { S: entry.mark } }),
  };
}

function encodeFew(few: Few): AttributeValue {
  return few === 'many' ? { S: few } : { L: few.map((value) => ({ S: value })) };
}
