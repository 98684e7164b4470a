import { type AttributeValue, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Endpoint, EndpointStore } from '../domain/webhooks/endpoint.ts';
import { parseScheme } from '../domain/webhooks/scheme.ts';

/** Webhook endpoints in the control table. */
export class DynamoEndpoints implements EndpointStore {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;

  constructor(client: Pick<DynamoDBClient, 'send'>, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async find(endpoint: string): Promise<Endpoint | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({
        TableName: this.#table,
        Key: { pk: { S: `ENDPOINT#${endpoint}` }, sk: { S: 'ENDPOINT' } },
      }),
    );
    return Item && readEndpoint(Item, endpoint);
  }
}

/** @throws Error where the item is not one that the CLI writes: better no answer than a guess at whose deliveries they are. */
function readEndpoint(item: Record<string, AttributeValue>, endpoint: string): Endpoint {
  const text = (name: string): string => {
    const value = item[name]?.S;
    if (value) return value;
    throw new Error(`the endpoint ${endpoint.slice(0, 8)}… lacks ${name} in the control table`);
  };
  const status = text('status');
  if (status !== 'active' && status !== 'disabled')
    throw new Error(`the endpoint ${endpoint.slice(0, 8)}… has a status that nobody knows`);
  return {
    endpoint,
    name: text('name'),
    tenant: text('tenant'),
    provider: text('provider'),
    scheme: parseScheme(JSON.parse(text('scheme'))),
    mapping: JSON.parse(text('mapping')),
    headers: item.headers?.L?.flatMap(({ S }) => (S === undefined ? [] : [S])) ?? [],
    url: text('url'),
    status,
    secretId: text('secretId'),
  };
}
