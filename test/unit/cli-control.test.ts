import { describe, expect, it } from 'vitest';
import { invokeGuard } from '../../cli/control/connect.ts';
import { readCommand } from '../../lambdas/domain/control/read-command.ts';
import { answerCommand } from '../../lambdas/guard/answer-command.ts';
import { GUARD_SETTINGS, GuardDesk } from '../support/memory-guard.ts';
import { type RunOptions, weir } from '../support/weir-cli.ts';

/** The command line before a guard in memory, which reads commands as the real one does. */
function desk() {
  const guard = new GuardDesk();
  const asked: object[] = [];
  const ask = async (command: object) => {
    asked.push(command);
    return (await answerCommand(
      readCommand(structuredClone(command), guard.now),
      guard.ports,
      GUARD_SETTINGS,
    )) as never;
  };
  const control = async () => ({
    show: () => ask({ command: 'show' }),
    set: ask,
    operator: async () => 'arn:aws:iam::1:user/ada',
  });
  const run = (args: readonly string[], options: RunOptions = {}) =>
    weir(['control', ...args], { env: { AWS_ENDPOINT_URL: 'http://localhost:1' }, control, ...options });
  return { guard, asked, run };
}

const REASON = ['--reason', 'INC-30'];

describe('weir control show', () => {
  it('shows what is in force, who sends how much of its budget, and the last changes', async () => {
    const { guard, run } = desk();
    guard.inAlarm = ['weir-log-overloaded'];
    await guard.offer('agent', 60 * 150);
    await guard.offer('small', 60);
    await answerCommand(
      readCommand({ command: 'set', operator: 'ada', reason: 'a storm', level: 'bulk' }, guard.now),
      guard.ports,
      GUARD_SETTINGS,
    );
    const { code, out } = await run(['show']);
    expect(code).toBe(0);
    expect(out).toContain('level  bulk: bulk events are shed');
    expect(out).toContain('alarms weir-log-overloaded');
    expect(out).toMatch(/acme\/agent +│ █{16} +│ +150\.0 +│ +100 +│ +9,000/);
    expect(out).toMatch(/acme\/small +│ ░{16} +│ +1\.0 +│/);
    expect(out).toMatch(/│ 1 +│ 2026-11-21T12:00:30\.000Z +│ ada +│ bulk +│ auto +│ a storm +│/);
  });

  it('gives all of it to programs', async () => {
    const { guard, run } = desk();
    await guard.offer('agent', 7);
    const { json, err } = await run(['show', '--json']);
    expect(json()).toMatchObject([
      {
        control: { v: 0, level: 'none' },
        alarms: [],
        senders: 1,
        producers: [{ producer: 'agent', budget: 100 }],
      },
    ]);
    expect(err).toBe('');
  });

  it('says that nobody has sent anything, and that nothing was ever set', async () => {
    const { out } = await desk().run(['show']);
    expect(out).toContain('Nothing was ever set.');
    expect(out).toContain('Nobody has sent anything in the last 10 minutes.');
  });

  it('P6: does not let a name steer the terminal', async () => {
    const { guard, run } = desk();
    await guard.offer('agent\u001b[2J', 7);
    expect((await run(['show'])).out).not.toContain('\u001b[2J');
  });
});

describe('weir control set', () => {
  it.each([
    [['--level', 'bulk'], { level: 'bulk' }],
    [['--mode', 'manual', '--level', 'none'], { mode: 'manual', level: 'none' }],
    [['--maintenance', '30m'], { maintenance: { minutes: 30 } }],
    [
      ['--maintenance', '2h', '--from', '2026-11-22T01:00:00Z'],
      { maintenance: { from: '2026-11-22T01:00:00Z', minutes: 120 } },
    ],
    [
      ['--hold', 'acme/agent', '--share', '0.8'],
      { hold: { tenant: 'acme', producer: 'agent', kind: 'over-budget', share: 0.8 } },
    ],
    [['--hold', 'acme/agent', '--yes'], { hold: { tenant: 'acme', producer: 'agent', kind: 'suspended' } }],
  ])('%j asks guard for %j, and says what happens now', async (args, wanted) => {
    const { asked, guard, run } = desk();
    const { code, out } = await run(['set', ...args, ...REASON]);
    expect(asked).toEqual([
      { command: 'set', operator: 'arn:aws:iam::1:user/ada', reason: 'INC-30', ...wanted },
    ]);
    expect(code).toBe(0);
    expect(out).toContain('Ingest takes it up within 5 s.');
    expect(guard.entries).toHaveLength(1);
  });

  it('releases, and ends maintenance', async () => {
    const { guard, run } = desk();
    await run(['set', '--hold', 'acme/agent', '--maintenance', '5m', '--yes', ...REASON]);
    expect((await run(['set', '--release', 'acme/agent', '--end-maintenance', ...REASON])).code).toBe(0);
    expect(guard.control.current).toMatchObject({ held: [], maintenance: [] });
  });

  it.each([
    ['nothing to set', REASON, 'Say what to set.'],
    ['no reason', ['--level', 'bulk'], 'Say why'],
    ['an unknown level', ['--level', 'critical', ...REASON], 'must be one of none, bulk'],
    ['no producer', ['--hold', 'acme', ...REASON], 'a tenant and its producer'],
    ['a share of nothing', ['--share', '0.5', '--level', 'bulk', ...REASON], '--share goes with --hold'],
    ['a share of 0', ['--hold', 'a/b', '--share', '0', ...REASON], 'above 0 and at most 1'],
    ['more than a day', ['--maintenance', '25h', ...REASON], 'from 1m to 24h'],
  ])('with %s is wrong usage, and guard is not asked', async (_, args, says) => {
    const { asked, run } = desk();
    const { code, err } = await run(['set', ...args]);
    expect(code).toBe(2);
    expect(err).toContain(says);
    expect(asked).toEqual([]);
  });

  it.each([
    [['--level', 'standard'], 'Bulk and standard events are shed'],
    [['--level', 'half-standard'], 'half of the standard ones'],
    [['--hold', 'acme/agent'], 'All that acme/agent sends is refused, critical events too.'],
  ])('%j is asked about first', async (args, question) => {
    const { asked, run } = desk();
    const alone = await run(['set', ...args, ...REASON]);
    expect(alone.code).toBe(2);
    expect(alone.err).toContain('Look with weir control show first, then say --yes.');
    const no = await run(['set', ...args, ...REASON], { terminal: true, stdin: 'n\n' });
    expect(no.code).toBe(1);
    expect(no.err).toContain(question);
    expect(no.err).toContain('Nothing was changed.');
    expect(asked).toEqual([]);
    expect((await run(['set', ...args, ...REASON], { terminal: true, stdin: 'yes\n' })).code).toBe(0);
    expect(asked).toHaveLength(1);
  });
});

describe('invoking guard', () => {
  it.each([
    ['CommandError', 2],
    ['OvertakenError', 1],
    ['Runtime.ExitError', 3],
  ])('says what a %s says, and exits with %i', async (errorType, exitCode) => {
    const errorMessage = 'Nothing was changed.\n/level must be\u001b[2J';
    const send = async () => ({
      Payload: Buffer.from(JSON.stringify({ errorType, errorMessage })),
      FunctionError: 'Unhandled',
    });
    await expect(invokeGuard({ send } as never, 'f', {})).rejects.toMatchObject({
      exitCode,
      message: 'Nothing was changed.\n/level must be\ufffd[2J',
    });
  });
});
