import { randomUUID } from 'node:crypto';
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeProducer } from '../../cli/producers/producer.ts';
import { CloudWatchAlarmStates } from '../../lambdas/adapters/cloudwatch-alarm-states.ts';
import { DynamoActivity } from '../../lambdas/adapters/dynamo-activity.ts';
import { DynamoControl } from '../../lambdas/adapters/dynamo-control.ts';
import { DynamoControlHistory } from '../../lambdas/adapters/dynamo-control-history.ts';
import { DynamoSightings } from '../../lambdas/adapters/dynamo-sightings.ts';
import { DynamoTiers } from '../../lambdas/adapters/dynamo-tiers.ts';
import { LockedObjects } from '../../lambdas/adapters/locked-objects.ts';
import { S3ControlAudit } from '../../lambdas/adapters/s3-control-audit.ts';
import type { ControlChange } from '../../lambdas/domain/control/changes.ts';
import { type Control, NO_CONTROL } from '../../lambdas/domain/control/control.ts';
import { describeActivityContract, describeControlStoreContract } from '../contract/control-stores.ts';
import {
  describeAlarmStatesContract,
  describeControlAuditContract,
  describeControlHistoryContract,
  describeSightingsContract,
  describeTiersContract,
} from '../contract/guard-stores.ts';
import { emulator } from '../support/localstack.ts';

const { endpoint, region, credentials } = await emulator();
const client = { endpoint, region, credentials };
const dynamo = new DynamoDBClient(client);
const s3 = new S3Client({ ...client, forcePathStyle: true });
const cloudWatch = new CloudWatchClient(client);
const made: string[] = [];
const alarmsMade: string[] = [];

/** A table of its own: there is one control item to a table, and the deployment's own sheds what other tests send. */
async function emptyTable(): Promise<string> {
  const TableName = `control-${randomUUID()}`;
  made.push(TableName);
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
  await waitUntilTableExists({ client: dynamo, maxWaitTime: 30, minDelay: 1 }, { TableName });
  return TableName;
}

afterAll(async () => {
  for (const TableName of made) await dynamo.send(new DeleteTableCommand({ TableName }));
  if (alarmsMade.length > 0) await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: alarmsMade }));
  for (const one of [dynamo, s3, cloudWatch]) one.destroy();
});

describeControlStoreContract('DynamoDB', async () => {
  const table = await emptyTable();
  return () => new DynamoControl(dynamo, table);
});

const activityTable = await emptyTable();
describeActivityContract('DynamoDB', () => new DynamoActivity(dynamo, activityTable));

const beside = async () => {
  const TableName = await emptyTable();
  const key = { pk: { S: 'CONTROL' }, sk: { S: 'CONTROL' } };
  const mend = async (control: Control | undefined) => {
    if (!control) await dynamo.send(new DeleteItemCommand({ TableName, Key: key }));
    else {
      const Item = { ...key, doc: { S: JSON.stringify(control) }, v: { N: String(control.v) } };
      await dynamo.send(new PutItemCommand({ TableName, Item }));
    }
  };
  return {
    control: new DynamoControl(dynamo, TableName),
    history: new DynamoControlHistory(dynamo, TableName),
    sightings: new DynamoSightings(dynamo, TableName),
    mend,
  };
};
describeControlHistoryContract('DynamoDB', beside);
describeSightingsContract('DynamoDB', beside);

describeTiersContract('DynamoDB', async () => {
  const TableName = await emptyTable();
  return {
    tiers: new DynamoTiers(dynamo, TableName),
    // As the command line writes producers.
    add: async (tenant, producer, tier) => {
      const created = new Date().toISOString();
      const Item = encodeProducer({
        ...{ tenant, producer, tier, created, types: ['*'], scopes: ['events:write'], keys: [] },
      });
      await dynamo.send(new PutItemCommand({ TableName, Item }));
    },
  };
});

describeAlarmStatesContract('CloudWatch', () => ({
  alarms: new CloudWatchAlarmStates(cloudWatch),
  set: async (AlarmName, StateValue) => {
    if (!alarmsMade.includes(AlarmName)) {
      alarmsMade.push(AlarmName);
      await cloudWatch.send(
        new PutMetricAlarmCommand({
          ...{ AlarmName, Namespace: 'Tests', MetricName: 'never', Statistic: 'Sum', ActionsEnabled: false },
          ...{ ComparisonOperator: 'GreaterThanThreshold', Threshold: 0, EvaluationPeriods: 1 },
          // Nothing is ever measured, and the state stays as it is set.
          ...{ Period: 3600, TreatMissingData: 'ignore' },
        }),
      );
    }
    await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'a test' }));
  },
}));

describeControlAuditContract('S3', async () => {
  const Bucket = `control-audit-${randomUUID()}`;
  // Object Lock brings versions with it.
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  return {
    audit: new S3ControlAudit(s3, Bucket),
    entries: async () => {
      const found: ControlChange[] = [];
      for await (const some of new LockedObjects(s3, Bucket).read('audit/control/'))
        found.push(...(some as ControlChange[]));
      return found;
    },
  };
});

describe('the control item in DynamoDB', () => {
  it('leaves every version in its history, in order', async () => {
    const table = await emptyTable();
    const store = new DynamoControl(dynamo, table);
    for (const v of [1, 2, 3])
      expect(await store.write({ ...NO_CONTROL, v, reason: `r${v}` }, v - 1)).toBe(true);
    const { Items = [] } = await dynamo.send(
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
    await dynamo.send(new PutItemCommand({ TableName: table, Item }));
    await expect(new DynamoControl(dynamo, table).read()).rejects.toThrow(/is damaged: .* Copy doc and v/);
  });
});
