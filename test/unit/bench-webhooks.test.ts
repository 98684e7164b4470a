import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoMeter } from '../../bench/metering/dynamo-meter.ts';
import { deliveryOf, endpointOf, type Provider, START_MS } from '../../bench/webhooks/deliveries.ts';
import { endpointItem, WEBHOOK_TABLES, WebhookPath } from '../../bench/webhooks/webhook-path.ts';

const KB = 1024;
const MINUTE_MS = 60_000;

/** A DynamoDB that has the endpoints and nothing else, and takes every write. */
const dynamo: Server = createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  const { Key } = JSON.parse(text);
  const provider: Provider = Key?.pk?.S.includes('stripe') ? 'stripe' : 'github';
  const command = String(request.headers['x-amz-target']).split('.')[1]!;
  const answers: Record<string, object> = {
    GetItem: { Item: endpointItem(endpointOf(provider)) },
    PutItem: {},
    UpdateItem: { Attributes: { ...Key, status: { S: 'COMPLETED' } } },
  };
  response.setHeader('content-type', 'application/x-amz-json-1.0').end(JSON.stringify(answers[command]));
});

beforeAll(() => new Promise<void>((resolve) => dynamo.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  dynamo.closeAllConnections();
  dynamo.close();
});

/** What is billed of deliveries that come at once, or so many ms apart, and are normalised together. */
async function billedOf(provider: Provider, bytes: number, deliveries = 1, apartMs = 0) {
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${(dynamo.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  const meter = new DynamoMeter(WEBHOOK_TABLES);
  meter.watch(client, client);
  const path = new WebhookPath(client, endpointOf(provider));
  for (let number = 0; number < deliveries; number++) {
    const atMs = START_MS + number * apartMs;
    await path.receive(deliveryOf(provider, number, bytes, atMs), atMs);
  }
  await path.normalise();
  client.destroy();
  return path.billed(meter);
}

describe('the bench counts as AWS bills: webhooks', () => {
  const one = {
    ...{ apiRequest: 1, lambdaRequest: 2, kinesisPutUnit: 1, s3Put: 0, s3Get: 0 },
    // Sent, received, deleted.
    sqsRequest: 3,
    // Half a unit for the endpoint in each function.
    ...{ dynamoRead: 1, secretRead: 1 },
  };

  it('writes a first receipt twice where time and id are signed: claimed and completed', async () => {
    expect(await billedOf('stripe', 2 * KB)).toEqual({ ...one, dynamoWrite: 2 });
  });

  it('writes a claim of the body too where they are not', async () => {
    expect(await billedOf('github', 2 * KB)).toEqual({ ...one, dynamoWrite: 3 });
  });

  it('receives and deletes a batch of ten as one, and remembers endpoint and secret', async () => {
    expect(await billedOf('github', 2 * KB, 10)).toEqual({
      ...one,
      ...{ apiRequest: 10, lambdaRequest: 11, sqsRequest: 12, kinesisPutUnit: 10, dynamoWrite: 30 },
      dynamoRead: expect.any(Number),
    });
  });

  it('reads endpoint and secret again after a minute', async () => {
    const within = await billedOf('github', 2 * KB, 2, MINUTE_MS - 1);
    const after = await billedOf('github', 2 * KB, 2, MINUTE_MS);
    expect([within.secretRead, after.secretRead]).toEqual([1, 2]);
    expect(after.dynamoRead - within.dynamoRead).toBe(0.5);
  });

  it('pays the queue by 64 KB of what a body is in base64', async () => {
    // 134 KB and the message around it are three chunks, to send and to receive.
    expect((await billedOf('github', 100 * KB)).sqsRequest).toBe(3 + 3 + 1);
  });

  it('puts and gets a body that is too large for the queue, which then has its name alone', async () => {
    const { sqsRequest, s3Put, s3Get } = await billedOf('github', 250 * KB);
    expect({ sqsRequest, s3Put, s3Get }).toEqual({ sqsRequest: 3, s3Put: 1, s3Get: 1 });
  });
});
