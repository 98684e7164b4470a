import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  DeleteTableCommand,
  PutItemCommand,
  QueryCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { afterAll, describe, expect, it } from 'vitest';
import { DynamoActivity } from '../../lambdas/adapters/dynamo-activity.ts';
import { DynamoControl } from '../../lambdas/adapters/dynamo-control.ts';
import { NO_CONTROL } from '../../lambdas/domain/control/control.ts';
import { describeActivityContract, describeControlStoreContract } from '../contract/control-stores.ts';
import { deployed } from '../support/deployed.ts';
import { aws } from '../support/pipeline.ts';

const { ControlTable } = deployed();

const made: string[] = [];

/** A table of its own: there is one control item to a table, and the deployment's own sheds what other tests send. */
async function emptyTable(): Promise<string> {
  const TableName = `control-${randomUUID()}`;
  made.push(TableName);
  await aws.dynamo.send(
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
  await waitUntilTableExists({ client: aws.dynamo, maxWaitTime: 30, minDelay: 1 }, { TableName });
  return TableName;
}

afterAll(async () => {
  for (const TableName of made) await aws.dynamo.send(new DeleteTableCommand({ TableName }));
});

describeControlStoreContract('DynamoDB', async () => {
  const table = await emptyTable();
  return () => new DynamoControl(aws.dynamo, table);
});

describeActivityContract('DynamoDB', () => new DynamoActivity(aws.dynamo, ControlTable));

describe('the control item in DynamoDB', () => {
  it('leaves every version in its history, in order', async () => {
    const table = await emptyTable();
    const store = new DynamoControl(aws.dynamo, table);
    for (const v of [1, 2, 3]) expect(await store.write({ ...NO_CONTROL, v, reason: `r${v}` })).toBe(true);
    const { Items = [] } = await aws.dynamo.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: 'CONTROL' } },
      }),
    );
    expect(Items.map(({ sk, v, doc }) => [sk?.S, v?.N, JSON.parse(doc!.S!).reason])).toEqual([
      ['CONTROL', '3', 'r3'],
      ['H#000000000001', '1', 'r1'],
      ['H#000000000002', '2', 'r2'],
      ['H#000000000003', '3', 'r3'],
    ]);
  });

  it('is an error that names the next step where it is damaged', async () => {
    const table = await emptyTable();
    const Item = { pk: { S: 'CONTROL' }, sk: { S: 'CONTROL' }, v: { N: '1' }, doc: { S: '{}' } };
    await aws.dynamo.send(new PutItemCommand({ TableName: table, Item }));
    await expect(new DynamoControl(aws.dynamo, table).read()).rejects.toThrow(
      /is damaged: .* Copy doc and v/,
    );
  });
});
