// The record of what functions call, by which the tests judge the IAM policies of the stacks.
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { type Emulator, emulator } from '../../support/localstack.ts';
import { RawFunctions } from '../../support/raw-functions.ts';

let aws: Emulator;
let functions: RawFunctions;

beforeAll(async () => {
  aws = await emulator();
  functions = new RawFunctions(aws);
});

/** A function that runs the calls that its event lists, and minds no error: a refused call needs its permission too. */
const CALLER = `
  import * as dynamodb from '@aws-sdk/client-dynamodb';
  import * as kinesis from '@aws-sdk/client-kinesis';
  import * as s3 from '@aws-sdk/client-s3';
  import * as sqs from '@aws-sdk/client-sqs';
  import * as cloudwatch from '@aws-sdk/client-cloudwatch';
  import * as apigateway from '@aws-sdk/client-api-gateway';
  import * as lambda from '@aws-sdk/client-lambda';
  import { NodeHttpHandler } from '@smithy/node-http-handler';
  const modules = { dynamodb, kinesis, s3, sqs, cloudwatch, apigateway, lambda };
  const names = { dynamodb: 'DynamoDBClient', kinesis: 'KinesisClient', s3: 'S3Client', sqs: 'SQSClient',
    cloudwatch: 'CloudWatchClient', apigateway: 'APIGatewayClient', lambda: 'LambdaClient' };
  export const handler = async ({ calls }) => {
    const results = [];
    for (const [service, operation, input] of calls) {
      for (const record of input.Records ?? []) record.Data = Buffer.from(record.Data);
      const client = new modules[service][names[service]]({ maxAttempts: 1, requestHandler: new NodeHttpHandler() });
      await client.send(new modules[service][operation + 'Command'](input)).then(
        () => results.push('done'), (error) => results.push(error.name));
    }
    return results;
  };`;

async function callerCode(): Promise<string> {
  const result = await build({
    stdin: { contents: CALLER, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    minify: true,
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  return result.outputFiles[0]?.text ?? '';
}

test('each permission that a function needs is recorded once, as a policy names it', async () => {
  const name = await functions.create(await callerCode(), { Timeout: 60, MemorySize: 512 });
  const transaction = {
    TransactItems: [
      { Put: { TableName: 'state', Item: { pk: { S: 'a' } } } },
      { Update: { TableName: 'state', Key: { pk: { S: 'b' } }, UpdateExpression: 'SET a = b' } },
      {
        ConditionCheck: {
          TableName: 'control',
          Key: { pk: { S: 'c' } },
          ConditionExpression: 'attribute_exists(pk)',
        },
      },
    ],
  };
  const calls = [
    ['dynamodb', 'PutItem', { TableName: 'state', Item: { pk: { S: 'a' } } }],
    ['dynamodb', 'PutItem', { TableName: 'state', Item: { pk: { S: 'b' } } }],
    ['dynamodb', 'TransactWriteItems', transaction],
    ['dynamodb', 'BatchGetItem', { RequestItems: { state: { Keys: [{ pk: { S: 'a' } }] } } }],
    ['dynamodb', 'Query', { TableName: 'state', IndexName: 'by-day', KeyConditionExpression: 'pk = :a' }],
    ['kinesis', 'PutRecords', { StreamName: 'log', Records: [{ Data: 'x', PartitionKey: 'k' }] }],
    ['s3', 'PutObject', { Bucket: 'archive', Key: 'a/b.ndjson', Body: 'x', ObjectLockMode: 'GOVERNANCE' }],
    ['s3', 'HeadObject', { Bucket: 'archive', Key: 'a/b.ndjson' }],
    ['s3', 'ListObjectsV2', { Bucket: 'archive', Prefix: 'a/' }],
    [
      'sqs',
      'GetQueueAttributes',
      { QueueUrl: `${aws.endpoint}/000000000000/parked`, AttributeNames: ['All'] },
    ],
    ['cloudwatch', 'PutMetricData', { Namespace: 'n', MetricData: [{ MetricName: 'm', Value: 1 }] }],
    ['apigateway', 'GetApiKeys', {}],
    ['lambda', 'Invoke', { FunctionName: 'someone', Qualifier: 'live' }],
  ];
  const { error, payload } = await functions.invoke(name, { calls });
  expect(error).toBeUndefined();
  expect(payload).toHaveLength(calls.length);
  const lines = readFileSync(aws.callsFile, 'utf8').trim().split('\n');
  const own = lines.map((line) => JSON.parse(line)).filter((line) => line.function === name);
  const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:000000000000:${resource}`;
  expect(own.map(({ action, resource }) => [action, resource])).toEqual([
    ['dynamodb:PutItem', arn('dynamodb', 'table/state')],
    ['dynamodb:PutItem', arn('dynamodb', 'table/state')],
    ['dynamodb:PutItem', arn('dynamodb', 'table/state')],
    ['dynamodb:UpdateItem', arn('dynamodb', 'table/state')],
    ['dynamodb:ConditionCheckItem', arn('dynamodb', 'table/control')],
    ['dynamodb:BatchGetItem', arn('dynamodb', 'table/state')],
    ['dynamodb:Query', arn('dynamodb', 'table/state/index/by-day')],
    ['kinesis:PutRecords', arn('kinesis', 'stream/log')],
    ['s3:PutObject', 'arn:aws:s3:::archive/a/b.ndjson'],
    ['s3:PutObjectRetention', 'arn:aws:s3:::archive/a/b.ndjson'],
    ['s3:GetObject', 'arn:aws:s3:::archive/a/b.ndjson'],
    ['s3:ListBucket', 'arn:aws:s3:::archive'],
    ['sqs:GetQueueAttributes', arn('sqs', 'parked')],
    ['cloudwatch:PutMetricData', '*'],
    ['apigateway:GET', 'arn:aws:apigateway:us-east-1::/apikeys'],
    ['lambda:InvokeFunction', arn('lambda', 'function:someone:live')],
  ]);
  // The same permission on another key is another line, and so it is by another operation.
  expect(own[2]).toEqual({
    function: name,
    service: 'dynamodb',
    operation: 'TransactWriteItems',
    action: 'dynamodb:PutItem',
    resource: arn('dynamodb', 'table/state'),
    leadingKeys: ['a', 'b', 'c'],
  });
});

test('a call that can not be described is recorded all the same, as an action that no policy allows', async () => {
  const name = await functions.create(await callerCode(), { Timeout: 60, MemorySize: 512 });
  // A value that is not there: the key of the query can't be told.
  const query = { TableName: 'state', KeyConditionExpression: 'pk = :a' };
  await functions.invoke(name, { calls: [['dynamodb', 'Query', query]] });
  const lines = readFileSync(aws.callsFile, 'utf8').trim().split('\n');
  const own = lines.map((line) => JSON.parse(line)).filter((line) => line.function === name);
  expect(own).toEqual([
    { function: name, service: 'dynamodb', operation: 'Query', action: 'unknown', resource: '*' },
  ]);
});

test('calls of others are not recorded', () => {
  const lines = readFileSync(aws.callsFile, 'utf8').trim().split('\n').filter(Boolean);
  expect(lines.map((line) => JSON.parse(line).operation)).not.toContain('CreateFunction');
});
