import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { listTenant, tenantItems, tenantKey } from '../platform/tenant-items.ts';
import {
  credentialKey,
  decodeProducer,
  encodeCredential,
  encodeKeys,
  encodeProducer,
  type Producer,
  type ProducerKey,
  producerKey,
} from './producer.ts';

/** What stood in the table was not what was expected: somebody else was there first. Nothing was written. */
export class ChangedMeanwhileError extends Error {
  override readonly name = 'ChangedMeanwhileError';
}

/** Producers and their credentials in the control table. */
export class ProducerStore {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async find(tenant: string, producer: string): Promise<Producer | undefined> {
    const Key = { pk: { S: tenantKey(tenant) }, sk: { S: producerKey(producer) } };
    const { Item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key, ConsistentRead: true }),
    );
    return Item && decodeProducer(Item);
  }

  /** Those of one tenant; or of all, for which the whole table is read. */
  async *list(tenant: string | undefined): AsyncGenerator<Producer> {
    const where = { client: this.#client, table: this.#table };
    for await (const item of tenantItems(where, 'PRODUCER#', tenant)) yield decodeProducer(item);
  }

  async hasCredential(hash: string): Promise<boolean> {
    const { Item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key: credentialKey(hash), ConsistentRead: true }),
    );
    return Item !== undefined;
  }

  /** @throws ChangedMeanwhileError where there is such a producer */
  async create(producer: Producer): Promise<void> {
    await listTenant({ client: this.#client, table: this.#table }, producer.tenant);
    await this.#transact([
      ...producer.keys.map((key) => this.#putCredential(producer, key)),
      { Put: { ...this.#ifAbsent(), Item: encodeProducer(producer) } },
    ]);
  }

  /** Writes a producer's keys anew, and the credentials of those that changed. @throws ChangedMeanwhileError */
  async replaceKeys(seen: Producer, keys: readonly ProducerKey[]): Promise<void> {
    const known = new Map(seen.keys.map((key) => [key.hash, key]));
    const changed = keys.filter((key) => JSON.stringify(key) !== JSON.stringify(known.get(key.hash)));
    await this.#transact([
      ...changed.map((key) =>
        known.has(key.hash) ? this.#updateCredential(key) : this.#putCredential(seen, key),
      ),
      {
        Update: {
          TableName: this.#table,
          Key: { pk: { S: tenantKey(seen.tenant) }, sk: { S: producerKey(seen.producer) } },
          UpdateExpression: 'SET #keys = :keys',
          ConditionExpression: '#keys = :seen',
          ExpressionAttributeNames: { '#keys': 'keys' },
          ExpressionAttributeValues: { ':keys': encodeKeys(keys), ':seen': encodeKeys(seen.keys) },
        },
      },
    ]);
  }

  #putCredential(producer: Producer, key: ProducerKey): TransactWriteItem {
    return { Put: { ...this.#ifAbsent(), Item: encodeCredential(producer, key) } };
  }

  #updateCredential({ hash, status, expires }: ProducerKey): TransactWriteItem {
    const values: Record<string, AttributeValue> = { ':status': { S: status } };
    if (expires !== undefined) values[':expires'] = { S: expires };
    return {
      Update: {
        TableName: this.#table,
        Key: credentialKey(hash),
        UpdateExpression: `SET #status = :status${expires === undefined ? '' : ', expires = :expires'}`,
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: values,
      },
    };
  }

  #ifAbsent() {
    return { TableName: this.#table, ConditionExpression: 'attribute_not_exists(pk)' };
  }

  async #transact(items: TransactWriteItem[]): Promise<void> {
    try {
      await this.#client.send(new TransactWriteItemsCommand({ TransactItems: items }));
    } catch (error) {
      const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
      if (!reasons.some(({ Code }) => Code === 'ConditionalCheckFailed')) throw error;
      throw new ChangedMeanwhileError('the producer was changed by somebody else', { cause: error });
    }
  }
}
