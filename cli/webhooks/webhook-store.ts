import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { Endpoint } from '../../lambdas/domain/webhooks/endpoint.ts';
import { listTenant, tenantItems } from '../platform/tenant-items.ts';
import {
  decodeWebhook,
  encodeEndpoint,
  encodeWebhook,
  endpointKey,
  type Webhook,
  webhookKey,
} from './webhook.ts';

/** A webhook of that name is there already. Nothing was written. */
export class WebhookExistsError extends Error {
  override readonly name = 'WebhookExistsError';
}

/** Webhooks and their endpoints in the control table. */
export class WebhookStore {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async find(tenant: string, name: string): Promise<Webhook | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key: webhookKey(tenant, name), ConsistentRead: true }),
    );
    return Item && decodeWebhook(Item);
  }

  /** Those of one tenant; or of all, for which the whole table is read. */
  async *list(tenant: string | undefined): AsyncGenerator<Webhook> {
    const where = { client: this.#client, table: this.#table };
    for await (const item of tenantItems(where, 'WEBHOOK#', tenant)) yield decodeWebhook(item);
  }

  /** @throws WebhookExistsError */
  async create(endpoint: Endpoint, created: string): Promise<void> {
    await listTenant({ client: this.#client, table: this.#table }, endpoint.tenant);
    await this.#transact([
      { Put: { ...this.#ifAbsent(), Item: encodeEndpoint(endpoint, created) } },
      { Put: { ...this.#ifAbsent(), Item: encodeWebhook({ ...endpoint, created }) } },
    ]);
  }

  async setStatus({ endpoint, tenant, name }: Webhook, status: Webhook['status']): Promise<void> {
    const update = (Key: Record<string, AttributeValue>) => ({
      Update: {
        TableName: this.#table,
        Key,
        UpdateExpression: 'SET #status = :status',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':status': { S: status } },
      },
    });
    await this.#transact([update(endpointKey(endpoint)), update(webhookKey(tenant, name))]);
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
      throw new WebhookExistsError('the webhook was changed by somebody else', { cause: error });
    }
  }
}
