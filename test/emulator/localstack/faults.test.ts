// Faults over the wire: the tests of recovery (F…) make AWS fail without touching the code that ships.

import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addFault, clearFaults, type Emulator, emulator, listFaults } from '../../support/localstack.ts';
import { RawFunctions } from '../../support/raw-functions.ts';

let aws: Emulator;
let dynamodb: DynamoDBClient;
const table = `faults-${randomUUID()}`;
const ofPut = { service: 'dynamodb', operation: 'PutItem' } as const;

beforeAll(async () => {
  aws = await emulator();
  dynamodb = new DynamoDBClient({ ...aws, maxAttempts: 1 });
  await dynamodb.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    }),
  );
});
beforeEach(() => clearFaults(aws.endpoint));
afterEach(() => clearFaults(aws.endpoint));

const put = (key: string) =>
  dynamodb.send(new PutItemCommand({ TableName: table, Item: { pk: { S: key } } }));
const has = async (key: string) =>
  (await dynamodb.send(new GetItemCommand({ TableName: table, Key: { pk: { S: key } } }))).Item !== undefined;

describe('a call', () => {
  test('before: is refused, and nothing is done', async () => {
    await addFault(aws.endpoint, {
      ...ofPut,
      mode: 'before',
      error: 'ProvisionedThroughputExceededException',
      status: 400,
    });
    const error = await put('before').catch((error: unknown) => error);
    expect(error).toMatchObject({
      name: 'ProvisionedThroughputExceededException',
      $metadata: { httpStatusCode: 400 },
    });
    expect(await has('before')).toBe(false);
  });

  test('after: is done, and answered with an error', async () => {
    await addFault(aws.endpoint, { ...ofPut, mode: 'after', error: 'InternalServerError', status: 500 });
    const error = await put('after').catch((error: unknown) => error);
    expect(error).toMatchObject({ name: 'InternalServerError', $metadata: { httpStatusCode: 500 } });
    expect(await has('after')).toBe(true);
  });

  test('drop: is done, and the connection breaks', async () => {
    await addFault(aws.endpoint, { ...ofPut, mode: 'drop' });
    await expect(put('drop')).rejects.toThrow();
    expect(await has('drop')).toBe(true);
  });

  test('drop: a client that retries gets through', async () => {
    await addFault(aws.endpoint, { ...ofPut, mode: 'drop', times: 1 });
    const patient = new DynamoDBClient({ ...aws, maxAttempts: 3 });
    await patient.send(new PutItemCommand({ TableName: table, Item: { pk: { S: 'again' } } }));
    expect(await listFaults(aws.endpoint)).toMatchObject([{ hits: 1, seen: 2 }]);
  });

  test('delay: is done later', async () => {
    await addFault(aws.endpoint, { ...ofPut, mode: 'delay', delayMs: 400 });
    const started = performance.now();
    await put('delay');
    expect(performance.now() - started).toBeGreaterThanOrEqual(400);
    expect(await has('delay')).toBe(true);
  });
});

describe('a rule', () => {
  const outcomes = async (count: number) => {
    const results: string[] = [];
    for (let i = 0; i < count; i += 1) {
      results.push(
        await put(`rule-${i}`).then(
          () => 'done',
          () => 'failed',
        ),
      );
    }
    return results;
  };

  test('strikes so many times, after so many calls', async () => {
    await addFault(aws.endpoint, { ...ofPut, mode: 'before', skip: 1, times: 2 });
    expect(await outcomes(5)).toEqual(['done', 'failed', 'failed', 'done', 'done']);
    expect(await listFaults(aws.endpoint)).toMatchObject([{ ...ofPut, mode: 'before', hits: 2, seen: 5 }]);
  });

  test('of probability 0 never strikes', async () => {
    await addFault(aws.endpoint, { ...ofPut, mode: 'before', probability: 0 });
    expect(await outcomes(3)).toEqual(['done', 'done', 'done']);
  });

  test('ends when the rules are cleared', async () => {
    await addFault(aws.endpoint, { ...ofPut, mode: 'before' });
    expect(await outcomes(1)).toEqual(['failed']);
    await clearFaults(aws.endpoint);
    expect(await outcomes(1)).toEqual(['done']);
  });

  test('of another operation does nothing', async () => {
    await addFault(aws.endpoint, { service: 'dynamodb', operation: 'UpdateItem', mode: 'before' });
    expect(await outcomes(1)).toEqual(['done']);
  });

  test.each([
    [{ ...ofPut, mode: 'sideways' }, /mode is 'sideways'/],
    [{ service: 'dynamodb', mode: 'before' }, /missing: operation/],
    [{ ...ofPut, mode: 'before', tims: 3 }, /unknown members: tims/],
    [{ ...ofPut, mode: 'partial' }, /partial is for PutRecords/],
  ])('that makes no sense is refused: %j', async (fault, message) => {
    await expect(addFault(aws.endpoint, fault as never)).rejects.toThrow(message);
  });
});

test('a rule for one function leaves the calls of others alone', async () => {
  const functions = new RawFunctions(aws);
  const name = await functions.create(`
    export const handler = async (event) => {
      // Unsigned but for the key by which LocalStack knows the caller: no SDK is needed for that.
      const credential = process.env.AWS_ACCESS_KEY_ID + '/20260101/us-east-1/dynamodb/aws4_request';
      const response = await fetch(process.env.AWS_ENDPOINT_URL, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': 'DynamoDB_20120810.PutItem',
          authorization: 'AWS4-HMAC-SHA256 Credential=' + credential + ', SignedHeaders=host, Signature=x',
        },
        body: JSON.stringify({ TableName: event.table, Item: { pk: { S: 'function' } } }),
      });
      return response.status;
    };`);
  await addFault(aws.endpoint, { ...ofPut, mode: 'before', function: name.slice(0, 20), status: 400 });
  await put('not the function');
  expect((await functions.invoke(name, { table })).payload).toBe(400);
  await clearFaults(aws.endpoint);
  expect((await functions.invoke(name, { table })).payload).toBe(200);
});

test('partial: some records of PutRecords get through, and the others are reported', async () => {
  const kinesis = new KinesisClient({ ...aws, maxAttempts: 1, requestHandler: new NodeHttpHandler() });
  const StreamName = `faults-${randomUUID()}`;
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  await waitUntilStreamExists({ client: kinesis, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { StreamName });
  await addFault(aws.endpoint, { service: 'kinesis', operation: 'PutRecords', mode: 'partial', times: 1 });
  const Records = ['a', 'b', 'c', 'd', 'e'].map((text) => ({ Data: Buffer.from(text), PartitionKey: text }));
  const answer = await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
  expect(answer.FailedRecordCount).toBe(2);
  const throttled = 'ProvisionedThroughputExceededException';
  expect(answer.Records?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    undefined,
    throttled,
    undefined,
    throttled,
    undefined,
  ]);
  const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName }));
  const { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({
      StreamName,
      ShardId: Shards[0]?.ShardId,
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  const read = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
  expect(read.Records?.map(({ Data = [] }) => Buffer.from(Data).toString())).toEqual(['a', 'c', 'e']);
  expect((await kinesis.send(new PutRecordsCommand({ StreamName, Records }))).FailedRecordCount).toBe(0);
});
