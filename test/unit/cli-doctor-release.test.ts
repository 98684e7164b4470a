import { describe, expect, it } from 'vitest';
import { checkCanary, RELEASED } from '../../cli/doctor/check-canary.ts';
import { checkDeploys } from '../../cli/doctor/check-deploys.ts';
import { checkRelease } from '../../cli/doctor/check-release.ts';
import type { Finding } from '../../cli/doctor/finding.ts';
import { auditOverride } from '../../cli/doctor/override.ts';
import type { SloReading } from '../../lambdas/domain/error-budget.ts';
import { AlarmList } from '../support/alarm-list.ts';
import { MetricTable } from '../support/metric-table.ts';
import { RecoveryDesk } from '../support/recovery-desk.ts';
import { weir } from '../support/weir-cli.ts';

const NOW = Date.parse('2026-11-21T12:00:00.000Z');
const named = (name: string) => ({ namespace: 'Weir/weir', name, dimensions: {} });
const SLO: SloReading = {
  id: 'delivered',
  promise: 'Events are in state in time',
  objective: 0.999,
  measure: { bad: named('late'), all: named('all') },
};

function world() {
  const alarms = new AlarmList().add('quiet');
  const metrics = new MetricTable().set('late Sum', 0).set('all Sum', 10_000).set('roundTrips Sum', 1, 1);
  const desk = new RecoveryDesk();
  const examine = async (least = 0.1) => {
    const found: Finding[] = [];
    const release = { name: 'weir', slos: [SLO], metrics, alarms, runs: desk.runs, now: NOW, least };
    for await (const finding of checkRelease(release)) found.push(finding);
    const bad = found.filter(({ state }) => state === 'bad').map(({ check }) => check);
    return { found, bad };
  };
  return { alarms, metrics, desk, examine };
}

describe('weir doctor --release', () => {
  it('has nothing against a release while all is well', async () => {
    const { found, bad } = await world().examine();
    expect(bad).toEqual([]);
    expect(found.map(({ check }) => check)).toEqual(['budget', 'alarms', 'runs', 'probe']);
    expect(found[0]!.detail).toMatch(/delivered.*█{20} 100\.0 % left, 0 bad of 10,000 in 30 days/);
  });

  it('shuts where less of an error budget is left than there must be', async () => {
    // Of 10,000 events 10 may be late.
    for (const [late, least, wrong] of [
      [9, 0.1, []],
      [9.1, 0.1, ['budget']],
      [9.1, 0.05, []],
      [11, 0, ['budget']],
    ] as const) {
      const { metrics, examine } = world();
      metrics.set('late Sum', late);
      expect((await examine(least)).bad, `${late} late, ${least} must be left`).toEqual(wrong);
    }
  });

  it('shuts for a page, speaks of a ticket, and leaves parts to their composites', async () => {
    const { alarms, examine } = world();
    alarms
      .add('ticket', { severity: 'ticket', state: 'ALARM' })
      .add('part', { severity: 'part', state: 'ALARM' });
    const { found, bad } = await examine();
    expect(bad).toEqual([]);
    expect(found.filter(({ state }) => state === 'note').map(({ detail }) => detail)).toEqual([
      'ticket since 2026-11-21T11:00:00.000Z: ticket hurts',
    ]);
    alarms.add('page', { state: 'ALARM' });
    expect((await examine()).found.find(({ state }) => state === 'bad')).toMatchObject({
      check: 'alarm',
      next: 'docs/runbook.md#page',
    });
  });

  it('takes a deployment without alarms for blind', async () => {
    const { alarms, examine } = world();
    alarms.alarms.length = 0;
    expect((await examine()).bad).toEqual(['alarms']);
  });

  it.each([
    [{ verb: 'rebuild' }, 'running', 'bad'],
    [{ verb: 'replay' }, 'running', 'bad'],
    [{ verb: 'reconcile', repair: true }, 'running', 'bad'],
    [{ verb: 'reconcile', repair: false }, 'running', 'note'],
    [{ verb: 'rebuild', dryRun: true }, 'running', 'note'],
    [{ verb: 'verify' }, 'failed', 'note'],
    [{ verb: 'rebuild' }, 'done', 'good'],
  ] as const)('says of a run %j that is %s: %s', async (request, status, state) => {
    const { desk, examine } = world();
    desk.put({ request: { requestId: 'r', ...request }, status, startedAt: '2026-11-21T11:00:00.000Z' });
    const { found } = await examine();
    expect(found.find(({ check }) => check === 'run' || check === 'runs')).toMatchObject({ state });
  });

  it('forgets what failed before yesterday', async () => {
    const { desk, examine } = world();
    desk.put({ request: { requestId: 'r' }, status: 'failed', startedAt: '2026-11-20T11:00:00.000Z' });
    expect((await examine()).found.find(({ check }) => check === 'runs')).toMatchObject({ state: 'good' });
  });

  it('shuts where the probe does not go round, for then nobody knows (F4)', async () => {
    const { metrics, examine } = world();
    metrics.set('roundTrips Sum');
    expect((await examine()).bad).toEqual(['probe']);
    expect(metrics.asked.at(-1)).toMatchObject({
      from: NOW - 15 * 60_000,
      query: { namespace: 'Weir/weir' },
    });
  });

  it.each([
    [{}, 'good', 'none is under way'],
    [
      { RoutingConfig: { AdditionalVersionWeights: { 7: 0.1 } } },
      'bad',
      'version 7 of weir-project has 10 %',
    ],
    [undefined, 'note', 'all at once'],
  ])('of the alias %j it says: %s', async (alias, state, detail) => {
    const lambda = {
      async send() {
        if (alias) return alias;
        throw Object.assign(new Error('no alias'), { name: 'ResourceNotFoundException' });
      },
    };
    const found: Finding[] = [];
    for await (const finding of checkCanary({ name: 'weir', lambda: lambda as never })) found.push(finding);
    expect(found).toMatchObject([{ check: 'canary', state, detail: expect.stringContaining(detail) }]);
  });

  it('sees a release under way at whichever function it is', async () => {
    for (const room of RELEASED) {
      const lambda = {
        send: async ({ input }: { input: { FunctionName: string } }) =>
          input.FunctionName === `weir-${room}`
            ? { RoutingConfig: { AdditionalVersionWeights: { 7: 0.1 } } }
            : {},
      };
      const { value } = await checkCanary({ name: 'weir', lambda: lambda as never }).next();
      expect(value, room).toMatchObject({ state: 'bad', detail: expect.stringContaining(`weir-${room} `) });
    }
  });

  it.each([
    ['UPDATE_COMPLETE', 'good', 'none is under way'],
    // The last one was taken back.
    ['UPDATE_ROLLBACK_COMPLETE', 'good', 'none is under way'],
    ['UPDATE_IN_PROGRESS', 'bad', 'Weir-Ingress is UPDATE_IN_PROGRESS'],
    ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'bad', 'Weir-Ingress is'],
    ['UPDATE_ROLLBACK_FAILED', 'bad', 'Weir-Ingress is'],
  ])('of a stack that is %s it says: %s', async (status, state, detail) => {
    const formation = {
      send: async ({ input }: { input: { StackName: string } }) => ({
        Stacks: [{ StackStatus: input.StackName === 'Weir-Ingress' ? status : 'CREATE_COMPLETE' }],
      }),
    };
    const found: Finding[] = [];
    for await (const finding of checkDeploys({ name: 'weir', formation: formation as never }))
      found.push(finding);
    expect(found).toMatchObject([{ check: 'deploys', state, detail: expect.stringContaining(detail) }]);
  });

  it('writes an override into the audit: who, when, why, in spite of what', async () => {
    const sent: { input: { Key: string; Body: string } }[] = [];
    const s3 = { send: async (command: never) => sent.push(command) };
    const findings: Finding[] = [{ state: 'bad', check: 'budget', detail: 'spent' }];
    const override = { at: '2026-11-21T12:00:00.000Z', operator: 'ops', reason: 'INC-7', findings };
    const key = await auditOverride(s3 as never, 'audit-bucket', override);
    expect(key).toBe('audit/releases/2026-11-21T12:00:00.000Z.json');
    expect(sent[0]!.input).toMatchObject({ Bucket: 'audit-bucket', Key: key });
    expect(JSON.parse(sent[0]!.input.Body)).toEqual(override);
  });

  it.each([
    [['doctor', '--override', 'because']],
    [['doctor', '--release', '--override', ' ']],
    [['doctor', '--release', '--least', '101']],
  ])('does not take %j', async (args) => {
    const { code } = await weir(args, { env: { AWS_ENDPOINT_URL: 'http://localhost:1' } });
    expect(code).toBe(2);
  });
});
