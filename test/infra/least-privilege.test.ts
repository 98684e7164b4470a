import { describe, expect, it } from 'vitest';
import { type Permission, policiesOf } from '../support/policies.ts';
import { configOf, synthesize } from '../support/synth.ts';

const permissions = policiesOf(synthesize(configOf()).assembly);

const place = 'eu-central-1:111122223333';
const log = `arn:aws:kinesis:${place}:stream/weir-log`;
const state = `arn:aws:dynamodb:${place}:table/weir-state`;
const control = `arn:aws:dynamodb:${place}:table/weir-control`;
const repair = `arn:aws:sqs:${place}:weir-repair`;
const archive = 'arn:aws:s3:::weir-archive-111122223333-eu-central-1/archive/*';
const bodies = 'arn:aws:s3:::weir-archive-111122223333-eu-central-1/webhooks/*';
const webhooks = `arn:aws:sqs:${place}:weir-webhooks`;
const deliveries = `arn:aws:dynamodb:${place}:table/weir-deliveries`;
const bucketOf = (kind: string) => `arn:aws:s3:::weir-${kind}-111122223333-eu-central-1`;
const runs = `${bucketOf('runs')}/runs/*`;
const audit = `${bucketOf('audit')}/audit/*`;
const anchors = `${bucketOf('audit')}/anchors/*`;
const machine = `arn:aws:states:${place}:stateMachine:weir-recovery`;
const executions = `arn:aws:states:${place}:execution:weir-recovery:*`;
/** Who may list is told that an object, or a version of it, is not there. */
const readArchive = [
  ...['ListBucket', 'ListBucketVersions'].map((action) => `s3:${action} ${bucketOf('archive')}`),
  ...['GetObject', 'GetObjectVersion'].map((action) => `s3:${action} ${archive}`),
];
const readWriteRuns = [
  `s3:ListBucket ${bucketOf('runs')}`,
  ...['GetObject', 'PutObject'].map((action) => `s3:${action} ${runs}`),
];
const mark = [`kinesis:ListShards ${log}`, `kinesis:PutRecords ${log}`];
const poll = ['DescribeStream', 'DescribeStreamSummary', 'GetRecords', 'GetShardIterator'];

/** Everything that a room may do to what holds data: `action resource [partition keys]`. */
const EXPECTED = {
  ingest: [
    `kinesis:PutRecords ${log}`,
    `dynamodb:GetItem ${control} KEY#*,PROBE,CONTROL`,
    `dynamodb:UpdateItem ${control} FINGERPRINTS#*,ACTIVITY#*`,
  ],
  usage: [
    `dynamodb:Query ${state}`,
    `dynamodb:GetItem ${control} KEY#*,PROBE`,
    `dynamodb:Query ${control} PROGRESS#project`,
    `kinesis:ListShards ${log}`,
    ...[repair, `${repair}-dead`].map((queue) => `sqs:GetQueueAttributes ${queue}`),
  ],
  catalogue: [`dynamodb:GetItem ${control} KEY#*`],
  project: [
    ...['BatchGetItem', 'GetItem', 'Query', 'PutItem'].map((action) => `dynamodb:${action} ${state}`),
    `dynamodb:PutItem ${control} QUARANTINE#*`,
    `dynamodb:UpdateItem ${control} PROGRESS#project,FINGERPRINTS#*`,
    `kinesis:PutRecords ${log}`,
    ...[...poll, 'ListShards'].map((action) => `kinesis:${action} ${log}`),
    `sqs:SendMessage ${repair}`,
  ],
  archive: [
    `dynamodb:GetItem ${control} MANIFEST#*`,
    `dynamodb:PutItem ${control} MANIFEST#*,MANIFESTS`,
    ...['PutObject', 'GetObject'].map((action) => `s3:${action} ${archive}`),
    ...[...poll, 'ListShards'].map((action) => `kinesis:${action} ${log}`),
  ],
  receive: [
    `dynamodb:GetItem ${control} ENDPOINT#*`,
    `secretsmanager:GetSecretValue arn:aws:secretsmanager:${place}:secret:weir/webhooks/*`,
    `sqs:SendMessage ${webhooks}`,
    `s3:PutObject ${bodies}`,
  ],
  normalise: [
    `kinesis:PutRecords ${log}`,
    `dynamodb:GetItem ${control} ENDPOINT#*`,
    `dynamodb:UpdateItem ${control} FINGERPRINTS#*`,
    ...['PutItem', 'UpdateItem'].map((action) => `dynamodb:${action} ${deliveries}`),
    `s3:GetObject ${bodies}`,
    ...['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) => `sqs:${action} ${webhooks}`),
  ],
  sweep: [
    `kinesis:PutRecords ${log}`,
    `dynamodb:UpdateItem ${control} FINGERPRINTS#*`,
    ...['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility'].map(
      (action) => `sqs:${action} ${webhooks}-dead`,
    ),
  ],
  mark,
  recover: [
    ...['GetItem', 'PutItem', 'UpdateItem'].map((action) => `dynamodb:${action} ${control} RUNS`),
    `s3:PutObject ${audit}`,
    `states:StartExecution ${machine}`,
    ...['DescribeExecution', 'StopExecution'].map((action) => `states:${action} ${executions}`),
  ],
  plan: [
    `dynamodb:GetItem ${control} RUNS,MANIFEST#*`,
    `dynamodb:UpdateItem ${control} RUNS`,
    `dynamodb:Query ${control} MANIFESTS,MANIFEST#*,PROGRESS#project,TENANTS`,
    ...[...mark, ...readArchive, ...readWriteRuns],
    `s3:RestoreObject ${archive}`,
    `s3:ListBucketVersions ${bucketOf('audit')}`,
    `s3:GetObjectVersion ${anchors}`,
    `sqs:GetQueueAttributes ${repair}`,
  ],
  scan: [
    `dynamodb:GetItem ${control} RUNS,MANIFEST#*`,
    `dynamodb:Query ${state}/index/touched`,
    ...[...readArchive, ...readWriteRuns],
  ],
  fold: [
    ...['BatchGetItem', 'GetItem', 'Query', 'PutItem'].map((action) => `dynamodb:${action} ${state}`),
    `dynamodb:GetItem ${control} RUNS,MANIFEST#*`,
    `dynamodb:Query ${control} MANIFESTS,MANIFEST#*`,
    ...[...mark, ...readArchive, ...readWriteRuns],
  ],
  resend: [
    `dynamodb:GetItem ${control} RUNS,MANIFEST#*`,
    `dynamodb:Query ${control} PROGRESS#project`,
    `dynamodb:UpdateItem ${control} QUARANTINE#*`,
    ...[...mark, ...readArchive, ...readWriteRuns],
    `sqs:SendMessage ${webhooks}`,
    ...['StartMessageMoveTask', 'ListMessageMoveTasks'].map((action) => `sqs:${action} ${webhooks}-dead`),
    ...['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map(
      (action) => `sqs:${action} ${webhooks}-dead`,
    ),
  ],
  conclude: [
    ...['GetItem', 'UpdateItem'].map((action) => `dynamodb:${action} ${control} RUNS`),
    ...readWriteRuns,
    `s3:PutObject ${audit}`,
  ],
  repair: [
    `dynamodb:GetItem ${control} MANIFEST#*,REPAIR#*`,
    `dynamodb:PutItem ${control} REPAIR#*`,
    `dynamodb:Query ${control} MANIFEST#*,PROGRESS#project`,
    ...[...mark, ...readArchive],
    `s3:PutObject ${audit}`,
    ...['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) => `sqs:${action} ${repair}`),
    `sqs:SendMessage ${repair}-dead`,
  ],
  // It draws, and can only read.
  widgets: [
    ...['BatchGetItem', 'Query'].map((action) => `dynamodb:${action} ${state}`),
    `dynamodb:GetItem ${control} CONTROL,RUNS,MANIFEST#*`,
    `dynamodb:Query ${control} MANIFESTS,MANIFEST#*,PROGRESS#project,QUARANTINE#*,TENANTS,RUNS,ACTIVITY#*`,
    ...['ListShards', 'GetRecords', 'GetShardIterator'].map((action) => `kinesis:${action} ${log}`),
    ...readArchive,
    ...[repair, `${repair}-dead`].map((queue) => `sqs:GetQueueAttributes ${queue}`),
    'cloudwatch:GetMetricData *',
  ],
  guard: [
    `dynamodb:GetItem ${control} CONTROL,TENANT#*`,
    `dynamodb:PutItem ${control} CONTROL`,
    `dynamodb:Query ${control} CONTROL,ACTIVITY#*,PROGRESS#project`,
    `kinesis:ListShards ${log}`,
    `s3:PutObject ${audit}`,
    ...['ingest-throttled', 'log-overloaded'].map(
      (alarm) => `cloudwatch:DescribeAlarms arn:aws:cloudwatch:${place}:alarm:weir-${alarm}`,
    ),
  ],
  anchor: [
    `dynamodb:Query ${control} MANIFESTS`,
    `dynamodb:GetItem ${control} MANIFEST#*`,
    `s3:PutObject ${anchors}`,
  ],
  watch: [
    `dynamodb:Query ${control} ACTIVITY#*,SEEN,WATCH,MANIFESTS,TENANTS,TENANT#*`,
    `dynamodb:GetItem ${control} MANIFEST#*,CONTROL`,
    `dynamodb:PutItem ${control} SEEN,WATCH,DEPLOYS`,
    'cloudwatch:GetMetricData *',
  ],
  probe: [
    'secretsmanager:GetSecretValue arn:aws:secretsmanager:eu-central-1:111122223333:secret:{ProbeKey1291D14C5}',
    `dynamodb:PutItem ${control} PROBE`,
  ],
};

const describePermission = ({ action, resource, condition }: Permission) =>
  [action, resource, condition['ForAllValues:StringLike']?.['dynamodb:LeadingKeys']?.join(',')]
    .filter((part) => part !== undefined)
    .join(' ');

describe('least privilege', () => {
  it.each(Object.entries(EXPECTED))('%s may do what it does, and nothing else', (room, expected) => {
    const actual = permissions
      .filter((each) => each.function === `weir-${room}` && !/^(kms|logs|xray):/.test(each.action))
      .map(describePermission);
    expect(actual.sort()).toEqual([...expected].sort());
  });

  it('sees every function', () => {
    const functions = new Set(permissions.map((each) => each.function.replace('weir-', '')));
    expect([...functions].sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  it('lets nobody scan a table', () => {
    expect(permissions.filter(({ action }) => action === 'dynamodb:Scan')).toEqual([]);
  });

  it('lets nobody delete or overwrite what the audit has, nor shorten its time', () => {
    const audited = permissions.filter(
      ({ action, resource }) => action.startsWith('s3:') && resource.startsWith(bucketOf('audit')),
    );
    const changes = audited.filter(
      ({ action }) => !/^s3:(PutObject|GetObjectVersion|ListBucketVersions)$/.test(action),
    );
    expect(audited.length).toBeGreaterThan(0);
    expect(changes).toEqual([]);
  });

  it('lets nobody delete anything of data, but messages that are done with', () => {
    const deletes = permissions.filter(({ action }) => /:Delete/.test(action)).map(({ action }) => action);
    expect([...new Set(deletes)]).toEqual(['sqs:DeleteMessage']);
  });

  it('has no action with a wildcard', () => {
    expect(permissions.filter(({ action }) => action.includes('*'))).toEqual([]);
  });

  it('has no resource "*" but for traces and the reading of metrics, which have no resources', () => {
    const anywhere = permissions.filter(({ resource }) => resource === '*').map(({ action }) => action);
    expect([...new Set(anywhere)].sort()).toEqual([
      'cloudwatch:GetMetricData',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  it('has resources with a wildcard only for objects, runs, endpoints’ secrets and log streams', () => {
    const wide = permissions.map(({ resource }) => resource).filter((resource) => /.\*/.test(resource));
    for (const resource of wide) {
      expect(resource).toMatch(
        /^(arn:aws:s3:::weir-(archive|runs|audit)-.*\/(archive|webhooks|runs|audit|anchors)\/\*|arn:aws:states:.*:execution:weir-recovery:\*|arn:aws:secretsmanager:.*:secret:weir\/webhooks\/\*|arn:aws:logs:.*:log-group:\/aws\/lambda\/weir-[a-z]+:\*)$/,
      );
    }
  });

  it('uses the data key only through the services that encrypt with it, and never the key of logs', () => {
    const kms = permissions.filter(({ action }) => action.startsWith('kms:'));
    expect(kms.length).toBeGreaterThan(0);
    for (const { action, resource, condition } of kms) {
      expect(action).toMatch(/^kms:(Encrypt|Decrypt|GenerateDataKey)$/);
      expect(resource).toMatch(/key\/\{KeysData/);
      expect(condition).toEqual({
        StringEquals: {
          'kms:ViaService': [
            expect.stringMatching(/^(dynamodb|kinesis|s3|secretsmanager|sqs)\.eu-central-1\.amazonaws\.com$/),
          ],
        },
      });
    }
  });

  it('gives each function write access to its own log group only', () => {
    for (const each of permissions.filter(({ action }) => action.startsWith('logs:'))) {
      expect(each.resource).toBe(`arn:aws:logs:${place}:log-group:/aws/lambda/${each.function}:*`);
    }
  });
});
