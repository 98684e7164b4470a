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
  PutItemCommand,
  QueryCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
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
import { type Control, type Held, NO_CONTROL } from '../../lambdas/domain/control/control.ts';
import { describeActivityContract, describeControlStoreContract } from '../contract/control-stores.ts';
import {
  describeAlarmStatesContract,
  describeControlAuditContract,
  describeControlHistoryContract,
  describeSightingsContract,
  describeTiersContract,
} from '../contract/guard-stores.ts';
import { deployed } from '../support/deployed.ts';
import { eventually } from '../support/localstack.ts';
import { aws, newSender, reading, send } from '../support/pipeline.ts';

const { endpoint, ControlTable } = deployed();

const cloudWatch = new CloudWatchClient({
  ...{ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } },
});
const made: string[] = [];
const alarmsMade: string[] = [];

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
  if (alarmsMade.length > 0) await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: alarmsMade }));
  cloudWatch.destroy();
});

describeControlStoreContract('DynamoDB', async () => {
  const table = await emptyTable();
  return () => new DynamoControl(aws.dynamo, table);
});

describeActivityContract('DynamoDB', () => new DynamoActivity(aws.dynamo, ControlTable));

const beside = async () => {
  const TableName = await emptyTable();
  const key = { pk: { S: 'CONTROL' }, sk: { S: 'CONTROL' } };
  const mend = async (control: Control | undefined) => {
    if (!control) await aws.dynamo.send(new DeleteItemCommand({ TableName, Key: key }));
    else {
      const Item = { ...key, doc: { S: JSON.stringify(control) }, v: { N: String(control.v) } };
      await aws.dynamo.send(new PutItemCommand({ TableName, Item }));
    }
  };
  return {
    control: new DynamoControl(aws.dynamo, TableName),
    history: new DynamoControlHistory(aws.dynamo, TableName),
    sightings: new DynamoSightings(aws.dynamo, TableName),
    mend,
  };
};
describeControlHistoryContract('DynamoDB', beside);
describeSightingsContract('DynamoDB', beside);

describeTiersContract('DynamoDB', async () => {
  const TableName = await emptyTable();
  return {
    tiers: new DynamoTiers(aws.dynamo, TableName),
    // As the command line writes producers.
    add: async (tenant, producer, tier) => {
      const created = new Date().toISOString();
      const Item = encodeProducer({
        ...{ tenant, producer, tier, created, types: ['*'], scopes: ['events:write'], keys: [] },
      });
      await aws.dynamo.send(new PutItemCommand({ TableName, Item }));
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
  await aws.s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  return {
    audit: new S3ControlAudit(aws.s3, Bucket),
    entries: async () => {
      const found: ControlChange[] = [];
      for await (const some of new LockedObjects(aws.s3, Bucket).read('audit/control/'))
        found.push(...(some as ControlChange[]));
      return found;
    },
  };
});

describe('the control item in DynamoDB', () => {
  it('leaves every version in its history, in order', async () => {
    const table = await emptyTable();
    const store = new DynamoControl(aws.dynamo, table);
    for (const v of [1, 2, 3])
      expect(await store.write({ ...NO_CONTROL, v, reason: `r${v}` }, v - 1)).toBe(true);
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

describe('what stands in the control table', () => {
  const store = new DynamoControl(aws.dynamo, ControlTable);

  /** Changes who is held, as guard does. Nobody else is affected, so other tests need not know. */
  async function hold(change: (held: readonly Held[]) => readonly Held[]): Promise<void> {
    const control = await store.read();
    const next = { ...control, v: control.v + 1, held: change(control.held), by: 'test', reason: 'test' };
    expect(await store.write(next, control.v)).toBe(true);
  }

  it('F9: reaches ingest by itself: a held producer keeps its critical events, and is let go again', async () => {
    const { tenant, apiKey } = await newSender('held');
    const at = new Date().toISOString();
    const how = { kind: 'over-budget', share: 1 } as const;
    await hold((held) => [...held, { tenant, producer: 'meter', how, since: at, reason: 'r', by: 'test' }]);
    const payment = {
      ...{ type: 'payment.received', source: '/tests' },
      data: { amount: 1, currency: 'eur', movement: 'charge' },
    };
    const batch = () => [reading('s', 1), reading('s', 1, payment), reading('s', 1, { type: 'no.such' })];
    try {
      const { body } = await eventually('shedding', async () => {
        const answer = await send(apiKey, batch());
        return answer.body.results?.some(({ status }) => status === 429) ? answer : undefined;
      });
      expect(body).toMatchObject({ accepted: 1, quarantined: 1, refused: 1 });
      expect(body.results).toMatchObject([
        { index: 0, status: 429, code: 'over-budget' },
        { index: 2, status: 422, code: 'unknown-type' },
      ]);
      expect(body.results[0]!.retryAfter).toBeGreaterThanOrEqual(5);
      expect(body.results[0]!.retryAfter).toBeLessThanOrEqual(30);
    } finally {
      await hold((held) => held.filter((one) => one.tenant !== tenant));
    }
    await eventually('all accepted again', async () =>
      (await send(apiKey, [reading('s', 1)])).status === 202 ? true : undefined,
    );
    const activity = new DynamoActivity(aws.dynamo, ControlTable);
    const minutes = [0, 1, 2].map((ago) => new Date(Date.now() - ago * 60_000).toISOString().slice(0, 16));
    await eventually('its activity', async () => {
      const all = (await Promise.all(minutes.map((minute) => activity.of(minute)))).flat();
      return all.some((one) => one.tenant === tenant && one.offered > 0) ? true : undefined;
    });
  });
});
