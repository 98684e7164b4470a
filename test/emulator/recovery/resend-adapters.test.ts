import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DynamoRedriven } from '../../../lambdas/adapters/dynamo-redriven.ts';
import { DynamoRepairs } from '../../../lambdas/adapters/dynamo-repairs.ts';
import { samplesKey } from '../../../lambdas/adapters/dynamo-samples.ts';
import { SqsLetterMover } from '../../../lambdas/adapters/sqs-letter-mover.ts';
import { SqsRepairDeadLetters } from '../../../lambdas/adapters/sqs-repair.ts';
import { describeRedrivenContract, describeRepairNotesContract } from '../../contract/resend-stores.ts';
import { emulator, eventually } from '../../support/localstack.ts';

// The contracts that hold the fakes (test/unit/resend-ports.test.ts), on the real adapters, with a table of this file's own.

const { endpoint, region, credentials } = await emulator();
const client = { endpoint, region, credentials, requestHandler: new NodeHttpHandler() };
const dynamo = new DynamoDBClient(client);
const sqs = new SQSClient(client);
const TableName = `resend-adapters-${randomUUID()}`;

beforeAll(async () => {
  await dynamo.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  await waitUntilTableExists({ client: dynamo, maxWaitTime: 30 }, { TableName });
});

afterAll(() => dynamo.send(new DeleteTableCommand({ TableName })));

describeRepairNotesContract('on DynamoDB', () => new DynamoRepairs(dynamo, TableName));

describeRedrivenContract('on DynamoDB', () => {
  const keyOf = (tenant: string, fingerprint: string) => ({
    pk: { S: samplesKey(tenant) },
    sk: { S: fingerprint },
  });
  return {
    store: new DynamoRedriven(dynamo, TableName),
    addSample: async (tenant, fingerprint) => {
      await dynamo.send(new PutItemCommand({ TableName, Item: keyOf(tenant, fingerprint) }));
    },
    read: async (tenant, fingerprint) => {
      const Key = keyOf(tenant, fingerprint);
      const { Item } = await dynamo.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
      const { requestId, at, events } = Item?.redriven?.M ?? {};
      return requestId && { requestId: requestId.S!, at: at!.S!, events: Number(events!.N) };
    },
  };
});

async function newQueue(attributes: Record<string, string> = {}) {
  const QueueName = `resend-${randomUUID()}`;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes: attributes }));
  return { url: QueueUrl!, arn: `arn:aws:sqs:${region}:000000000000:${QueueName}` };
}

const received = (url: string) =>
  eventually('a message', async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 1, MessageAttributeNames: ['All'] }),
    );
    return Messages[0];
  });

it('a pointer that can not be repaired is in the dead queue as it was, with the reason', async () => {
  const { url } = await newQueue();
  await new SqsRepairDeadLetters(sqs, url).send('{"a":1}', 'id', 'why');
  const { Body, MessageAttributes } = await received(url);
  expect(Body).toBe('{"a":1}');
  expect(MessageAttributes?.reason?.StringValue).toBe('why');
  await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
});

it('dead letters go back to the queue that they came from', async () => {
  const dead = await newQueue();
  const policy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 });
  const source = await newQueue({ RedrivePolicy: policy, VisibilityTimeout: '0' });
  await sqs.send(new SendMessageCommand({ QueueUrl: source.url, MessageBody: 'letter' }));
  await received(source.url);
  await eventually('the letter is dead', async () => {
    await sqs.send(new ReceiveMessageCommand({ QueueUrl: source.url }));
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: dead.url, VisibilityTimeout: 0 }),
    );
    return Messages[0];
  });
  const mover = new SqsLetterMover(sqs, dead.arn);
  await mover.start(500);
  const move = await eventually('the move ends', async () => {
    const latest = await mover.latest();
    return latest && !latest.running ? latest : undefined;
  });
  expect(move).toMatchObject({ running: false });
  expect(move.failed).toBeUndefined();
  expect((await received(source.url)).Body).toBe('letter');
  for (const { url } of [dead, source]) await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
});
