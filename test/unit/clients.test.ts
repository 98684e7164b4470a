import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { http } from '../../lambdas/platform/clients.ts';
import { isTransient } from '../../lambdas/platform/patience.ts';

const PATIENCE_MS = 300;
/** Whoever waits this long was not told to wait for 300 ms, however busy this machine is. */
const HANGING_MS = 20_000;

/** A service on this machine that answers as told. Clients of it wait 300 ms. */
async function service(answer: (response: ServerResponse) => void) {
  const server = createServer((request, response) => {
    request.resume();
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const shared = {
    ...{ region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1 },
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requestHandler: http(PATIENCE_MS),
  };
  const dynamo = new DynamoDBClient(shared);
  const s3 = new S3Client({ ...shared, forcePathStyle: true });
  onTestFinished(() => {
    for (const client of [dynamo, s3]) client.destroy();
    server.closeAllConnections();
    server.close();
  });
  return {
    item: () => dynamo.send(new GetItemCommand({ TableName: 't', Key: { pk: { S: 'a' } } })),
    object: async () => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
      return Buffer.from(await Body!.transformToByteArray());
    },
  };
}

const failureOf = (calling: Promise<unknown>) =>
  calling.then(
    () => undefined,
    (error: Error) => error,
  );

/** Begins an answer whose end never comes. */
const begin = (response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': '1000' });
  response.write('{"Item":');
};

describe('F12: a service that hangs holds no function until its end', () => {
  it.each([
    ['before its answer begins', () => {}],
    ['in the middle of its answer', begin],
  ])('%s', async (_, answer) => {
    const { item, object } = await service(answer);
    for (const call of [item, object]) {
      const error = await Promise.race([
        failureOf(call()),
        wait(HANGING_MS, 'still waiting', { ref: false }),
      ]);
      expect(error).toMatchObject({ name: 'TimeoutError' });
      // So that it is tried again.
      expect(isTransient(error)).toBe(true);
    }
  });

  it('but not while its answer comes, however long that takes', async () => {
    const parts = 8;
    const { object } = await service(async (response) => {
      response.writeHead(200, { 'content-length': String(parts) });
      for (let i = 0; i < parts; i++) {
        await wait(PATIENCE_MS / 4);
        response.write('x');
      }
      response.end();
    });
    expect((await object()).toString()).toBe('x'.repeat(parts));
  });
});
