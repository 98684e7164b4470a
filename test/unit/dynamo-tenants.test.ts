import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { ProducerStore } from '../../cli/producers/producer-store.ts';
import { WebhookStore } from '../../cli/webhooks/webhook-store.ts';
import { DynamoTenants } from '../../lambdas/adapters/dynamo-tenants.ts';
import { endpointOf } from '../support/memory-webhooks.ts';

/** A table that takes every write, and answers queries with what was put under that key. */
function table() {
  const calls: string[] = [];
  const items: Record<string, { S: string }>[] = [];
  const client = new DynamoDBClient({ region: 'eu-central-1' });
  client.send = (async (command: { constructor: { name: string }; input: never }) => {
    const { Item, ExpressionAttributeValues } = command.input as Record<string, never>;
    calls.push(command.constructor.name);
    if (Item) items.push(Item);
    if (!ExpressionAttributeValues) return {};
    const { S } = Object.values(ExpressionAttributeValues)[0] as { S: string };
    return { Items: items.filter(({ pk }) => pk?.S === S) };
  }) as never;
  return { client, calls };
}

describe('tenants', () => {
  it('F3: are in the list before anything of theirs can be used, and are found by one query', async () => {
    const { client, calls } = table();
    const created = '2026-11-21T10:00:00.000Z';
    const producer = { producer: 'p', types: ['*'], scopes: [], tier: 'standard', created, keys: [] };
    await new ProducerStore(client, 'weir-control').create({ ...producer, tenant: 'a#b' });
    await new WebhookStore(client, 'weir-control').create(endpointOf({ tenant: 'hooked' }), created);
    const write = ['PutItemCommand', 'TransactWriteItemsCommand'];
    expect(calls.splice(0)).toEqual([...write, ...write]);
    const found: string[] = [];
    for await (const names of new DynamoTenants(client, 'weir-control').list()) found.push(...names);
    expect(found).toEqual(['a#b', 'hooked']);
    expect(calls).toEqual(['QueryCommand']);
    client.destroy();
  });
});
