import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateStateMachineCommand, DeleteStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll } from 'vitest';
import { DynamoRuns } from '../../../lambdas/adapters/dynamo-runs.ts';
import { S3Anchors } from '../../../lambdas/adapters/s3-anchors.ts';
import { S3Audit } from '../../../lambdas/adapters/s3-audit.ts';
import { StepFunctionsRuns } from '../../../lambdas/adapters/step-functions-runs.ts';
import {
  describeAnchorsContract,
  describeAuditContract,
  describeExecutionsContract,
  describeRunsContract,
} from '../../contract/runs.ts';
import { emulator } from '../../support/localstack.ts';

// The contracts that hold the fakes (test/unit/recovery-runs.test.ts), with a table, a bucket and a state machine of this file's own.

const { endpoint, region, credentials } = await emulator();
const client = { endpoint, region, credentials, requestHandler: new NodeHttpHandler() };
const dynamo = new DynamoDBClient(client);
const s3 = new S3Client({ ...client, forcePathStyle: true });
const sfn = new SFNClient(client);
const name = `runs-${randomUUID()}`;
let stateMachineArn: string;

/** Nothing but a wait, longer than any test. */
const WAITING = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 600, End: true } } };

beforeAll(async () => {
  await dynamo.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  await waitUntilTableExists({ client: dynamo, maxWaitTime: 60, minDelay: 1 }, { TableName: name });
  // Object Lock brings versions with it.
  await s3.send(new CreateBucketCommand({ Bucket: name, ObjectLockEnabledForBucket: true }));
  const created = await sfn.send(
    new CreateStateMachineCommand({
      name,
      definition: JSON.stringify(WAITING),
      roleArn: 'arn:aws:iam::000000000000:role/waiting',
    }),
  );
  stateMachineArn = created.stateMachineArn!;
});
afterAll(async () => {
  await dynamo.send(new DeleteTableCommand({ TableName: name }));
  await sfn.send(new DeleteStateMachineCommand({ stateMachineArn }));
});

describeRunsContract('DynamoDB', () => new DynamoRuns(dynamo, name));
describeAuditContract('S3', () => new S3Audit(s3, name));
describeAnchorsContract('S3', () => new S3Anchors(s3, name));
describeExecutionsContract('Step Functions', () => new StepFunctionsRuns(sfn, stateMachineArn));
