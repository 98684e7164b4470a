import { describe, expect, it } from 'vitest';
import type { Finding } from '../../cli/doctor/finding.ts';
import { checkAlerting, checkLogs } from '../../cli/doctor/production/check-alerting.ts';
import { checkCapacity } from '../../cli/doctor/production/check-capacity.ts';
import { checkProofs } from '../../cli/doctor/production/check-proofs.ts';
import { checkProtection } from '../../cli/doctor/production/check-protection.ts';
import type { Estate } from '../../cli/doctor/production/clients.ts';
import type { Producer, ProducerKey } from '../../cli/producers/producer.ts';
import { AlarmList } from '../support/alarm-list.ts';
import { MetricTable } from '../support/metric-table.ts';
import { RecoveryDesk } from '../support/recovery-desk.ts';

const NOW = Date.parse('2026-11-21T12:00:00.000Z');
const PAGE = 'arn:aws:sns:us-east-1:1:weir-page';
const TICKET = 'arn:aws:sns:us-east-1:1:weir-ticket';
const confirmed = (topic: string) => ({ SubscriptionArn: `${topic}:5f1d` });

/** What AWS answers where all is as it should be, by command. */
const WELL = {
  DescribeTable: { Table: { DeletionProtectionEnabled: true } },
  DescribeContinuousBackups: {
    ContinuousBackupsDescription: {
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED' },
    },
  },
  GetBucketVersioning: { Status: 'Enabled' },
  GetObjectLockConfiguration: {
    ObjectLockConfiguration: {
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 400 } },
    },
  },
  GetKeyRotationStatus: { KeyRotationEnabled: true },
  DescribeStacks: { Stacks: [{ EnableTerminationProtection: true }] },
  ListSubscriptionsByTopic: { Subscriptions: [confirmed(PAGE)] },
  DescribeLogGroups: { logGroups: [{ logGroupName: '/aws/lambda/weir-ingest', retentionInDays: 90 }] },
  GetAccountSettings: { AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 1000 } },
  DescribeLimits: { ShardLimit: 500, OpenShardCount: 2 },
  GetUsagePlan: { throttle: { rateLimit: 50, burstLimit: 100 } },
};
type Answers = { [K in keyof typeof WELL]: unknown };

const OUTPUTS = {
  ...{
    stateTable: 'weir-state',
    controlTable: 'weir-control',
    archiveBucket: 'archive',
    auditBucket: 'audit',
  },
  ...{ stream: 'weir-log', usagePlans: { standard: 'p1' } },
} as unknown as Estate['outputs'];

function estate(answers: Partial<Answers> = {}): Estate {
  const all: Readonly<Record<string, unknown>> = { ...WELL, ...answers };
  const client = {
    send: async (command: { constructor: { name: string }; input: unknown }) => {
      const answer = all[command.constructor.name.replace(/Command$/, '')];
      return typeof answer === 'function' ? answer(command.input) : answer;
    },
  } as never;
  return {
    ...{
      name: 'weir',
      outputs: OUTPUTS,
      now: NOW,
      api: client,
      formation: client,
      dynamo: client,
      kms: client,
    },
    ...{ kinesis: client, lambda: client, logs: client, s3: client, sns: client },
  };
}

const alarms = () =>
  new AlarmList().add('a', { tells: [PAGE] }).add('b', { severity: 'ticket', tells: [TICKET] });

const metrics = () =>
  new MetricTable().set('ConcurrentExecutions Maximum', 20).set('IncomingBytes Sum', 1_000_000);

async function examine(
  answers: Partial<Answers> = {},
  { table = metrics(), list = alarms() } = {},
): Promise<readonly Finding[]> {
  const weir = estate(answers);
  const found: Finding[] = [];
  for await (const finding of checkProtection(weir)) found.push(finding);
  for await (const finding of checkAlerting(weir, list)) found.push(finding);
  for await (const finding of checkLogs(weir)) found.push(finding);
  for await (const finding of checkCapacity(weir, table, { openShards: 2, onDemand: false }))
    found.push(finding);
  return found;
}

const notGood = (found: readonly Finding[]) =>
  found.filter(({ state }) => state !== 'good').map(({ state, check }) => `${state} ${check}`);

describe('weir doctor --production', () => {
  it('has nothing to say of a deployment that is as it should be', async () => {
    expect(notGood(await examine())).toEqual([]);
  });

  it.each<[Partial<Answers>, string[]]>([
    [{ DescribeTable: { Table: {} } }, ['bad deletion', 'bad deletion']],
    [{ DescribeContinuousBackups: {} }, ['bad backups', 'bad backups']],
    [{ GetBucketVersioning: { Status: 'Suspended' } }, ['bad archive']],
    [
      { GetObjectLockConfiguration: { ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' } } },
      ['bad audit'],
    ],
    [
      {
        GetKeyRotationStatus: ({ KeyId }: { KeyId: string }) => ({
          KeyRotationEnabled: KeyId !== 'alias/weir-logs',
        }),
      },
      ['bad keys'],
    ],
    [{ DescribeStacks: { Stacks: [{}] } }, ['bad stacks']],
    [
      {
        DescribeStacks: ({ StackName }: { StackName: string }) => ({
          Stacks: [{ EnableTerminationProtection: StackName !== 'Weir-Ingress' }],
        }),
      },
      ['note stacks'],
    ],
    [{ ListSubscriptionsByTopic: { Subscriptions: [] } }, ['bad pages', 'note tickets']],
    [
      {
        ListSubscriptionsByTopic: ({ TopicArn }: { TopicArn: string }) => ({
          Subscriptions: [
            confirmed(TopicArn),
            { SubscriptionArn: TopicArn === PAGE ? 'PendingConfirmation' : 'x' },
          ],
        }),
      },
      ['bad pages'],
    ],
    [{ DescribeLogGroups: { logGroups: [{ logGroupName: '/aws/lambda/weir-new' }] } }, ['bad logs']],
    [{ GetAccountSettings: { AccountLimit: { UnreservedConcurrentExecutions: 99 } } }, ['bad concurrency']],
    [{ GetAccountSettings: { AccountLimit: { UnreservedConcurrentExecutions: 100 } } }, []],
    [{ DescribeLimits: { ShardLimit: 3, OpenShardCount: 2 } }, ['note shards']],
    [{ GetUsagePlan: {} }, ['bad plans']],
  ])('%#: names what is not', async (answers, expected) => {
    const found = await examine(answers);
    expect(notGood(found)).toEqual(expected);
    for (const { state, next } of found) if (state !== 'good') expect(next).toMatch(/\w/);
  });

  it('reads every page of addresses and log groups', async () => {
    const paged = (name: string) => (input: Record<string, unknown>) =>
      input[name]
        ? { Subscriptions: [{ SubscriptionArn: 'PendingConfirmation' }], logGroups: [{ logGroupName: 'x' }] }
        : { Subscriptions: [confirmed(PAGE)], logGroups: [], [name]: 'more' };
    const answers = { ListSubscriptionsByTopic: paged('NextToken'), DescribeLogGroups: paged('nextToken') };
    expect(notGood(await examine(answers))).toEqual(['bad pages', 'bad tickets', 'bad logs']);
  });

  it('calls a deployment blind that has no alarms', async () => {
    expect(notGood(await examine({}, { list: new AlarmList() }))).toEqual(['bad alarms']);
  });

  it.each([
    ['IncomingBytes Sum', 0.71 * 2 * 60 * 1024 * 1024, ['bad shards']],
    ['IncomingBytes Sum', 0.69 * 2 * 60 * 1024 * 1024, []],
    ['ConcurrentExecutions Maximum', 701, ['note concurrency']],
    ['ConcurrentExecutions Maximum', 700, []],
  ])('judges the worst minute of the week: %s of %d', async (name, worst, expected) => {
    const table = metrics().set(name, 1, worst, 2);
    expect(notGood(await examine({}, { table }))).toEqual(expected);
  });
});

describe('what must be done now and then', () => {
  const key = (more: Partial<ProducerKey> = {}): ProducerKey => ({
    ...{ keyId: 'k', hash: 'h', apiKeyId: 'a', status: 'active', created: '2026-06-01T00:00:00Z' },
    ...more,
  });
  const producer = (...keys: ProducerKey[]): Producer =>
    ({ tenant: 't', producer: 'p', types: [], scopes: [], tier: 'standard', created: '', keys }) as Producer;

  async function look(desk: RecoveryDesk, ...keys: ProducerKey[]) {
    const found: Finding[] = [];
    const producers = async function* () {
      yield producer(...keys);
    };
    for await (const finding of checkProofs({ runs: desk.runs, producers, now: NOW })) found.push(finding);
    return found;
  }

  const ran = (verb: string, daysAgo: number, more = {}) => {
    const desk = new RecoveryDesk();
    const startedAt = new Date(NOW - daysAgo * 86_400_000).toISOString();
    desk.put({ request: { requestId: 'r', verb }, status: 'done', startedAt, ...more });
    return desk;
  };

  it.each([
    [ran('verify', 7), 'verify', 'good'],
    [ran('verify', 9), 'verify', 'note'],
    [ran('verify', 1, { status: 'differs' }), 'verify', 'bad'],
    [ran('verify', 1, { status: 'running' }), 'verify', 'note'],
    [ran('verify', 1, { request: { requestId: 'r', verb: 'verify', dryRun: true } }), 'verify', 'note'],
    [ran('preview', 99), 'drill', 'good'],
    [ran('replay', 101), 'drill', 'note'],
    [ran('rebuild', 1, { status: 'failed' }), 'drill', 'note'],
    [ran('reconcile', 1), 'drill', 'note'],
  ])('%#: says when it was done last', async (desk, check, state) => {
    expect((await look(desk)).find((finding) => finding.check === check)).toMatchObject({ state });
  });

  it.each<[Partial<ProducerKey>, string]>([
    [{}, 'good'],
    [{ created: '2025-11-01T00:00:00Z' }, 'note'],
    [{ expires: '2026-12-01T00:00:00Z' }, 'bad'],
    [{ expires: '2026-12-24T00:00:00Z' }, 'good'],
    [{ expires: '2026-11-20T00:00:00Z', created: '2020-01-01T00:00:00Z' }, 'good'],
    [{ status: 'revoked', created: '2020-01-01T00:00:00Z' }, 'good'],
  ])('of a key %j it says: %s (F10)', async (more, state) => {
    expect((await look(new RecoveryDesk(), key(more))).at(-1)).toMatchObject({ check: 'keys', state });
  });
});
