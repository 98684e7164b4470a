import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { NO_CONTROL } from '../../lambdas/domain/control/control.ts';
import type { SloReading } from '../../lambdas/domain/error-budget.ts';
import { causeOf, type Sample } from '../../lambdas/domain/quarantine-reader.ts';
import { compareState } from '../../lambdas/domain/trace/compare-state.ts';
import type { TraceQuestion } from '../../lambdas/domain/trace/trace.ts';
import { traceEvent } from '../../lambdas/domain/trace/trace-event.ts';
import { answerWidget, type Widgets } from '../../lambdas/widgets/answer-widget.ts';
import { drawBudget } from '../../lambdas/widgets/show-budget.ts';
import { drawControl } from '../../lambdas/widgets/show-control.ts';
import { showEvent } from '../../lambdas/widgets/show-event.ts';
import { showQuarantine } from '../../lambdas/widgets/show-quarantine.ts';
import { drawRuns } from '../../lambdas/widgets/show-runs.ts';
import { showState } from '../../lambdas/widgets/show-state.ts';
import { showTenants } from '../../lambdas/widgets/show-tenants.ts';
import { readHtml } from '../support/read-html.ts';
import { TENANT } from '../support/records.ts';
import { RecoveryWorld } from '../support/recovery-world.ts';
import { tracePorts } from '../support/trace-world.ts';

const SELF = 'arn:aws:lambda:eu-central-1:111122223333:function:weir-widgets';
const nowMs = Date.parse('2026-11-21T12:00:00Z');
const deadline = Number.POSITIVE_INFINITY;
const text = (html: { readonly text: string }) => readHtml(html.text).text;

async function ask(widgets: Widgets, event: unknown): Promise<string> {
  const answer = await answerWidget(event, widgets, { self: SELF, nowMs, deadline }, (error) => {
    throw error;
  });
  return typeof answer === 'string' ? readHtml(answer).text : answer.markdown;
}

describe('answering', () => {
  const widgets: Widgets = {
    control: async () => drawControl(NO_CONTROL, nowMs) as never,
    event: (call) => showEvent(async () => expect.fail('not asked'), call),
  };

  it('says what there is, to whoever adds a widget', async () => {
    expect(await ask(widgets, { describe: true })).toContain('| quarantine | tenant? |');
  });

  it.each([
    [{}, 'widget must be one of control, event.'],
    [null, 'widget must be one of'],
    [{ widget: 'constructor' }, 'widget must be one of'],
    [{ widget: 'event', id: 'x'.repeat(129) }, 'id must be a text of 1 to 128 characters'],
    [{ widget: 'event', id: 'a\nb' }, 'id must be a text'],
    [{ widget: 'event', id: { $ne: 1 } }, 'id must be a text'],
    [{ widget: 'event', id: 'a', from: 'soon' }, 'from must be a time such as'],
    [{ widget: 'event', id: 'a', from: '1h', to: '2h' }, 'from must be before to'],
    [{ widget: 'event', id: 'a', from: '99d' }, 'at most 31 days apart'],
  ])('says of %j what is wrong with it', async (event, said) => {
    expect(await ask(widgets, event)).toContain(said);
  });

  it('takes what was filled into a form before what the button says', async () => {
    const asked: TraceQuestion[] = [];
    const trace = async (question: TraceQuestion) => {
      asked.push(question);
      return traceEvent(question, tracePorts(new RecoveryWorld()));
    };
    const forms = { all: { id: ' e-2 ', tenant: '' } };
    const event = { widget: 'event', id: 'e-1', tenant: 'acme', widgetContext: { forms } };
    await ask({ event: (call) => showEvent(trace, call) }, event);
    expect(asked).toMatchObject([{ id: 'e-2', tenant: 'acme' }]);
  });

  it('says that it failed, and has it logged', async () => {
    const failures: unknown[] = [];
    const failing = { tenants: () => Promise.reject(new Error('throttled <b>')) };
    const call = { self: SELF, nowMs, deadline };
    const answer = await answerWidget({ widget: 'tenants' }, failing, call, (error) => failures.push(error));
    expect(failures).toHaveLength(1);
    expect(readHtml(answer as string).text).toContain('Error: throttled <b>');
  });
});

describe('tenants', () => {
  const activity = (by: Readonly<Record<string, readonly [string, string, number, number][]>>) => ({
    of: async (minute: string) =>
      (by[minute] ?? []).map(([tenant, producer, offered, shed]) => ({
        ...{ tenant, producer, offered, shed, accepted: offered - shed },
      })),
  });

  it('adds up the last minutes and puts who sends the most first', async () => {
    const by = activity({
      '2026-11-21T12:00': [['a', 'p', 5, 0]],
      '2026-11-21T11:59': [
        ['b', 'p', 10, 4],
        ['a', 'q', 2, 0],
      ],
      '2026-11-21T11:49': [['old', 'p', 99, 0]],
    });
    const html = await showTenants(by, { given: {}, self: SELF, nowMs, deadline });
    const { textsOf } = readHtml(html.text);
    const cells = textsOf('tr').slice(1);
    expect(cells).toHaveLength(2);
    expect(cells[0]).toMatch(/^b.*1066✗ 4$|^b.*106✗ 4$/);
    expect(cells[1]).toMatch(/^a.*p, q770$/);
    expect(
      await ask({ tenants: (call) => showTenants(by, call) }, { widget: 'tenants', minutes: 61 }),
    ).toContain('minutes must be a whole number from 1 to 60');
  });

  it('shows the minutes that can be read in time, and says of how many they are', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: nowMs });
    onTestFinished(() => void vi.useRealTimers());
    const call = { given: { minutes: 30 }, self: SELF, nowMs, deadline: nowMs + 1_000 };
    const many = {
      of: async () => {
        vi.setSystemTime(call.deadline);
        return [{ tenant: 't', producer: 'p', offered: 1, accepted: 1, shed: 0 }];
      },
    };
    expect(text(await showTenants(many, call))).toContain('Events of the last 1 minutes');
    expect(text(await showTenants(many, call))).toContain('could not be read in time');
  });

  it('shows the first twenty, and says so', async () => {
    const many = Array.from(
      { length: 30 },
      (_, n) => [`t${n}`, 'p', n + 1, 0] as [string, string, number, number],
    );
    const html = await showTenants(activity({ '2026-11-21T12:00': many }), {
      given: {},
      self: SELF,
      nowMs,
      deadline,
    });
    expect(readHtml(html.text).textsOf('tr')).toHaveLength(21);
    expect(text(html)).toContain('The first 20 of 30 tenants.');
  });
});

describe('quarantine', () => {
  const sample = (fingerprint: string, more: Partial<Sample> = {}): Sample => ({
    ...{
      tenant: 'acme',
      fingerprint,
      code: 'too-late',
      detail: 'late',
      producer: 'p',
      first: '2026-11-20T00:00:00Z',
    },
    ...{ origin: 'r/0', receipt: 'r', input: '{"id":"e-1"}' },
    ...more,
  });
  const days = async () => [{ day: '2026-11-21', count: 1234, first: 'f', last: '2026-11-21T10:00:00Z' }];

  it('shows causes of all tenants with their counts and what to do, and traces a sample', async () => {
    const ports = {
      tenants: {
        list: async function* () {
          yield ['acme', 'acme'];
        },
      },
      quarantine: {
        samples: async function* (_: string) {
          yield [sample('aa'.repeat(16))];
        },
        days,
      },
    };
    const html = await showQuarantine(ports, { given: {}, self: SELF, nowMs, deadline });
    expect(text(html)).toContain('1,234');
    expect(text(html)).toContain("The event is older than the contract's late bound.");
    const actions = readHtml(html.text)
      .textsOf('cwdb-action')
      .map((params) => JSON.parse(params));
    expect(actions).toContainEqual({
      ...{ widget: 'event', tenant: 'acme', id: 'e-1' },
      ...{ from: '2026-11-20T00:00:00Z', to: '2026-11-21T00:00:00.000Z' },
    });
  });

  it('stops where there are very many, and says that it is a part', async () => {
    const page = Array.from({ length: 100 }, (_, n) => sample(String(n).padStart(32, '0')));
    let pages = 0;
    const ports = {
      tenants: {
        list: async function* () {
          yield ['acme'];
        },
      },
      quarantine: {
        samples: async function* (_: string) {
          for (;;) {
            pages++;
            yield page;
          }
        },
        days,
      },
    };
    const html = await showQuarantine(ports, { given: { tenant: 'acme' }, self: SELF, nowMs, deadline });
    expect(pages).toBe(3);
    expect(text(html)).toContain('The latest 30 of 300 or more causes');
  });

  it('counts what its days add up to', () => {
    const two = [1, 2].map((count) => ({ day: `d${count}`, count, first: 'f', last: `l${count}` }));
    expect(causeOf(sample('f'), two)).toMatchObject({ count: 3, last: 'l2' });
  });
});

describe('state', () => {
  const event = (id: string) => ({
    ...{ specversion: '1.0' as const, id, source: '/m', type: 'test.sum', subject: 'box' },
    ...{ time: '2026-11-21T07:00:00Z', data: { value: 1.5 } },
  });
  const key = { tenant: TENANT, subject: 'box', type: 'test.sum', window: '2026-11-21T07' };
  const showIn = (world: RecoveryWorld, more: object = {}, repairs = 0) => {
    const ports = tracePorts(world, undefined, repairs);
    return ask(
      { state: (call) => showState((of, limits) => compareState(of, limits, ports), call) },
      { widget: 'state', ...key, ...more },
    );
  };

  it('stands beside what the archive folds to', async () => {
    const world = new RecoveryWorld();
    await world.send([event('a'), event('b')]);
    await world.drain();
    const shown = await showIn(world);
    expect(shown).toContain('✓ state and archive agree');
    expect(shown).toContain('total all33');
  });

  it('shows what differs, and the command that looks closer', async () => {
    const world = new RecoveryWorld();
    await world.send([event('a'), event('b')]);
    await world.drain();
    const name = 'acme#box B#test.sum#2026-11-21T07';
    world.table.write(name, { ...world.table.read(name)!, m: { M: { total: { M: { all: { N: '9' } } } } } });
    const shown = await showIn(world);
    expect(shown).toContain('✗ state and archive differ');
    expect(shown).toContain('total all93');
    expect(shown).toContain("weir reconcile --tenant 'acme' --subject 'box' --types 'test.sum'");
  });

  it('says that what is missing may wait to be repaired', async () => {
    const world = new RecoveryWorld();
    await world.send([event('a')]);
    world.neverProject(1);
    const at = '2026-11-21T09:30:00.000Z';
    await world.projector.log.publish([{ draft: { at, mark: at }, partitionKey: 'm' }], 0);
    await world.drain();
    expect(await showIn(world)).toContain('1 events');
    expect(await showIn(world)).not.toContain('to be repaired');
    expect(await showIn(world, {}, 2)).toContain('waits to be repaired (2)');
  });

  it.each([
    [{ window: '2026-11-21T24' }, 'window must be the start of a bucket'],
    [{ tenant: '' }, 'tenant is missing'],
    [{ type: 'no.such' }, 'This build has no contract for no.such'],
  ])('says of %j what is wrong', async (more, said) => {
    expect(await showIn(new RecoveryWorld(), more)).toContain(said);
  });

  it('asks for a bucket where none is named', async () => {
    const nothing = { tenant: '', subject: '', type: '', window: '' };
    expect(await showIn(new RecoveryWorld(), nothing)).toContain('Which bucket');
  });
});

describe('budget, runs, control', () => {
  const named = { namespace: 'Weir', name: 'x', dimensions: {} };
  const slo: SloReading = {
    id: 'delivered',
    promise: 'p',
    objective: 0.999,
    measure: { bad: named, all: named },
  };

  it('shows what is left, and what is not measured', () => {
    const shown = text(
      drawBudget([
        { slo, bad: 1, all: 10_000, left: 0.9 },
        { slo, bad: 99, all: 10_000, left: -8.9 },
        { slo, bad: 0, all: 0, left: 1 },
        { slo, bad: 1, all: 1e9, left: 0.99999 },
      ]),
    );
    expect(shown).toContain('✓ 90.0 %');
    expect(shown).toContain('✗ -890.0 %');
    expect(shown).toContain('not measured here');
    // Not all, when something was bad.
    expect(shown).toContain('✓ 99.9 %');
  });

  it('shows open runs first, and says why one failed', () => {
    const request = { verb: 'verify', operator: 'arn:aws:iam::1:user/ana', reason: 'month end' } as const;
    const run = (requestId: string, status: 'running' | 'failed') => ({
      request: { ...request, requestId, dryRun: false, certificate: false },
      ...{ attempt: 1, status, startedAt: '2026-11-21T11:59:00.000Z' },
      ...(status === 'failed' && { endedAt: '2026-11-21T11:59:30.000Z', error: 'the table is throttled' }),
    });
    const shown = text(drawRuns([run('bad', 'failed'), run('going', 'running')], nowMs));
    expect(shown).toMatch(/Open: 1.*going.*60 s.*user\/ana.*Ended.*bad.*the table is throttled.*30 s/s);
  });

  it('shows what is shed, who is held, and which maintenance is not over', () => {
    const by = { since: 's', reason: 'storm', by: 'guard' };
    const window = (to: string) => ({ from: '2026-11-21T11:00:00Z', to, reason: to, by: 'ana' });
    const shown = text(
      drawControl(
        {
          ...NO_CONTROL,
          ...{ v: 3, level: 'half-standard', by: 'guard', reason: 'lag', at: '2026-11-21T11:00:00.000Z' },
          held: [{ tenant: 't', producer: 'p', how: { kind: 'over-budget', share: 0.25 }, ...by }],
          maintenance: [window('2026-11-21T11:30:00Z'), window('2026-11-21T13:00:00Z')],
        },
        nowMs,
      ),
    );
    expect(shown).toContain('✗ sheds bulk, and half of standard');
    expect(shown).toContain('25 % shed');
    expect(shown).toContain('2026-11-21T13:00:00Z (open now)');
    expect(shown).not.toContain('2026-11-21T11:30:00Z');
  });
});
