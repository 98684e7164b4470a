import { describe, expect, it } from 'vitest';
import { LEVELS, NO_CONTROL } from '../../lambdas/domain/control/control.ts';
import type { Shown } from '../../lambdas/domain/control/shown.ts';
import { answerCommand } from '../../lambdas/guard/answer-command.ts';
import { changeControl } from '../../lambdas/guard/change-control.ts';
import { isOccasion } from '../../lambdas/guard/occasion.ts';
import { numbersOf } from '../../lambdas/guard/report.ts';
import { steerControl } from '../../lambdas/guard/steer-control.ts';
import { GUARD_SETTINGS, GuardDesk } from '../support/memory-guard.ts';

const look = (desk: GuardDesk) => steerControl(desk.ports, GUARD_SETTINGS);
const set = { command: 'set', operator: 'ada', reason: 'INC-30' } as const;

/** Looks each minute while `during` says what there is. */
async function minutes(desk: GuardDesk, count: number, during: (minute: number) => void | Promise<void>) {
  const looks = [];
  for (let minute = 0; minute < count; minute++) {
    desk.now += 60_000;
    await during(minute);
    looks.push(await look(desk));
  }
  return looks;
}

describe('guard', () => {
  it('writes nothing while all is well, and says so in zeros', async () => {
    const desk = new GuardDesk();
    desk.mark = desk.now - 30_000;
    await desk.offer('agent', 90);
    const looked = await look(desk);
    expect(desk.control.history).toEqual([]);
    expect(desk.entries).toEqual([]);
    expect(numbersOf(looked, desk.now)).toEqual({
      level: 0,
      held: 0,
      overBudget: 0,
      maintenance: 0,
      steps: 0,
    });
  });

  it('F5, F9: holds the heaviest producer, then raises the level, while an alarm says that there is too much', async () => {
    const desk = new GuardDesk();
    desk.inAlarm = ['weir-log-overloaded', 'weir-loss'];
    desk.setTier('acme', 'batch', 'bulk');
    const looks = await minutes(desk, 5, async () => {
      await desk.offer('agent', 60 * 400);
      await desk.offer('batch', 60 * 900);
      await desk.offer('small', 60 * 5);
    });
    expect(looks.map(({ control }) => [control.level, control.held.map(({ producer }) => producer)])).toEqual(
      [
        ['none', ['agent']],
        ['bulk', ['agent']],
        ['half-standard', ['agent']],
        ['standard', ['agent']],
        ['standard', ['agent']],
      ],
    );
    // What the catalogue does not mark is no reason.
    expect(looks[0]!.signals.alarms).toEqual(['weir-log-overloaded']);
    expect(looks[0]!.control.held[0]).toMatchObject({
      how: { kind: 'over-budget', share: 0.75 },
      by: 'guard',
    });
    expect(numbersOf(looks[3]!, desk.now)).toEqual({
      level: 3,
      held: 1,
      overBudget: 1,
      maintenance: 0,
      steps: 1,
    });
  });

  it('F5: sheds for the lag of a projector that comes on too slowly, and restores step by step', async () => {
    const desk = new GuardDesk();
    const start = desk.now;
    desk.mark = start;
    // Half as fast as what comes, for twenty minutes; then it catches up.
    const storm = await minutes(desk, 20, (minute) => {
      desk.mark = start + Math.floor(minute / 2) * 60_000;
    });
    const top = storm.at(-1)!.control.level;
    expect(top).toBe('standard');
    const calm = await minutes(desk, 12, () => {
      desk.mark = desk.now - 20_000;
    });
    const levels = calm.map(({ control }) => LEVELS.indexOf(control.level));
    expect(levels).toEqual([...levels].sort((a, b) => b - a));
    expect(levels.at(-1)).toBe(0);
    for (const { control } of calm.filter(({ step }) => step)) expect(control.by).toBe('guard');
  });

  it('F12: does not shed while the projector stands still', async () => {
    const desk = new GuardDesk();
    desk.mark = desk.now;
    const looks = await minutes(desk, 30, (minute) => {
      if (minute < 3) desk.mark = desk.now;
    });
    expect(looks.map(({ control }) => control.level)).toEqual(looks.map(() => 'none'));
    expect(looks.at(-1)!.why).toMatch(/stands still/);
  });

  it('releases whom it holds once it offers little, though nobody tells of it any more', async () => {
    const desk = new GuardDesk();
    desk.inAlarm = ['weir-log-overloaded'];
    await minutes(desk, 1, () => desk.offer('agent', 60 * 400));
    expect(desk.control.current.held).toHaveLength(1);
    desk.inAlarm = [];
    desk.mark = desk.now;
    const looks = await minutes(desk, 6, () => {
      desk.mark = desk.now;
    });
    expect(looks.at(-1)!.control.held).toEqual([]);
  });

  it('F5, F12: raises the level also while nobody can say who sends how much, and fails then', async () => {
    const desk = new GuardDesk();
    desk.inAlarm = ['weir-log-overloaded'];
    desk.activity.down = true;
    await expect(look(desk)).rejects.toThrow('the control table is down');
    expect(desk.control.current).toMatchObject({ v: 1, level: 'bulk', held: [] });
    // Whom it holds it does not release for that.
    desk.activity.down = false;
    desk.now += 60_000;
    await desk.offer('agent', 60 * 400);
    await look(desk);
    desk.activity.down = true;
    desk.now += 300_000;
    await expect(look(desk)).rejects.toThrow();
    expect(desk.control.current).toMatchObject({ level: 'half-standard', held: [{ producer: 'agent' }] });
  });

  it('F9: finds who is beyond its budget among many who send more, and may', async () => {
    const desk = new GuardDesk();
    desk.inAlarm = ['weir-log-overloaded'];
    for (let i = 0; i < 150; i++) {
      desk.setTier('acme', `batch-${i}`, 'bulk');
      await desk.offer(`batch-${i}`, 60 * 900);
    }
    await desk.offer('agent', 60 * 400);
    expect((await look(desk)).control).toMatchObject({ level: 'none', held: [{ producer: 'agent' }] });
  });

  it('goes by the present minute as soon as it has more than the last one had', async () => {
    const desk = new GuardDesk();
    desk.inAlarm = ['weir-log-overloaded'];
    await desk.offer('agent', 60 * 150);
    expect((await look(desk)).control.held).toMatchObject([{ producer: 'agent' }]);
  });
});

describe('a change', () => {
  it('is in the audit before it is in force, and all changes are', async () => {
    const desk = new GuardDesk();
    desk.inAlarm = ['weir-log-overloaded'];
    await look(desk);
    await answerCommand({ ...set, level: 'none' }, desk.ports, GUARD_SETTINGS);
    expect(desk.entries.map(({ v, standing, operator }) => [v, standing, operator])).toEqual([
      [1, 0, 'guard'],
      [2, 1, 'ada'],
    ]);
    expect(desk.entries.map(({ after }) => after)).toEqual(desk.control.history);
    expect(desk.entries[1]).toMatchObject({
      reason: 'INC-30',
      before: { level: 'bulk' },
      asked: { level: 'none' },
    });
  });

  it('is not made where the audit can not have it', async () => {
    const desk = new GuardDesk();
    desk.auditDown = true;
    const asked = answerCommand({ ...set, level: 'bulk' }, desk.ports, GUARD_SETTINGS);
    await expect(asked).rejects.toThrow('the audit is down');
    expect(desk.control.current).toEqual(NO_CONTROL);
  });

  it('of two at once does not undo the other', async () => {
    const desk = new GuardDesk();
    await Promise.all([
      answerCommand({ ...set, level: 'bulk' }, desk.ports, GUARD_SETTINGS),
      answerCommand(
        { ...set, hold: { tenant: 'acme', producer: 'agent', how: { kind: 'suspended' } } },
        desk.ports,
        GUARD_SETTINGS,
      ),
    ]);
    expect(desk.control.current).toMatchObject({ v: 2, level: 'bulk', held: [{ producer: 'agent' }] });
  });

  it('by two looks at once is one step', async () => {
    const desk = new GuardDesk();
    desk.inAlarm = ['weir-log-overloaded'];
    await Promise.all([look(desk), look(desk), look(desk)]);
    expect(desk.control.current).toMatchObject({ v: 1, level: 'bulk' });
  });

  it('whose answer was lost is not made twice', async () => {
    const desk = new GuardDesk();
    const write = desk.control.write.bind(desk.control);
    desk.control.write = async (control, over) => (await write(control, over)) && over > 0;
    const { control } = await changeControl(desk.ports, (before) => ({
      control: { ...before, v: before.v + 1, level: 'bulk', by: 'ada', at: '2026-11-21T12:00:30.000Z' },
    }));
    expect(control.v).toBe(1);
    expect(desk.control.current.v).toBe(1);
  });

  it('after an earlier version was put back by hand leaves in the history what came after that', async () => {
    const desk = new GuardDesk();
    for (const level of ['bulk', 'half-standard', 'standard'] as const)
      await answerCommand({ ...set, level }, desk.ports, GUARD_SETTINGS);
    for (const mended of [desk.control.history[0]!, NO_CONTROL]) {
      const before = structuredClone(desk.control.history);
      desk.control.mended = mended;
      const asked = answerCommand({ ...set, mode: 'manual' }, desk.ports, GUARD_SETTINGS);
      expect(await asked.catch(String)).toMatchObject({ control: { mode: 'manual' } });
      const { v } = before.at(-1)!;
      expect(desk.control.current).toMatchObject({ v: v + 1, mode: 'manual', level: mended.level });
      expect(desk.control.history.slice(0, -1)).toEqual(before);
      expect(desk.entries.at(-1)).toMatchObject({ v: v + 1, standing: mended.v, after: { v: v + 1 } });
    }
  });

  it('is given up, and says so, where others are always faster', async () => {
    const desk = new GuardDesk();
    desk.control.write = async () => {
      desk.control.set({ reason: 'another' });
      return false;
    };
    const asked = answerCommand({ ...set, level: 'bulk' }, desk.ports, GUARD_SETTINGS);
    await expect(asked).rejects.toThrow(/^Nothing was changed: others changed the control item 5 times/);
  });
});

describe('operators', () => {
  it('override: what they set in manual mode stays, whatever guard sees', async () => {
    const desk = new GuardDesk();
    await answerCommand({ ...set, mode: 'manual', level: 'bulk' }, desk.ports, GUARD_SETTINGS);
    desk.inAlarm = ['weir-log-overloaded'];
    await minutes(desk, 5, () => {});
    desk.inAlarm = [];
    await minutes(desk, 5, () => {});
    expect(desk.control.current).toMatchObject({ v: 1, mode: 'manual', level: 'bulk', by: 'ada' });
  });

  it('open maintenance, which is 1 while it lasts, and is dropped after it', async () => {
    const desk = new GuardDesk();
    const from = '2026-11-21T12:02:00.000Z';
    const maintenance = { from, to: '2026-11-21T12:04:00.000Z' };
    const answered = await answerCommand({ ...set, maintenance }, desk.ports, GUARD_SETTINGS);
    expect(answered).toMatchObject({ next: expect.stringContaining('Pages wait') });
    const open: number[] = [];
    for (const { control } of await minutes(desk, 5, () => {})) open.push(control.maintenance.length);
    expect(open).toEqual([1, 1, 1, 0, 0]);
    const at = (time: string) =>
      numbersOf(
        { control: desk.control.history[0]!, signals: { alarms: [] }, changed: false, why: '' },
        Date.parse(time),
      ).maintenance;
    expect([
      at('2026-11-21T12:01:59.999Z'),
      at(from),
      at('2026-11-21T12:03:59.999Z'),
      at(maintenance.to),
    ]).toEqual([0, 1, 1, 0]);
  });

  it('are shown what is in force, who sends how much, and the last changes', async () => {
    const desk = new GuardDesk();
    desk.mark = desk.now - 100_000;
    await desk.offer('agent', 10);
    desk.now += 60_000;
    await desk.offer('agent', 20);
    await desk.offer('other', 3);
    await answerCommand({ ...set, level: 'bulk' }, desk.ports, GUARD_SETTINGS);
    const shown = (await answerCommand({ command: 'show' }, desk.ports, GUARD_SETTINGS)) as Shown;
    expect(shown).toMatchObject({
      control: { v: 1, level: 'bulk' },
      alarms: [],
      lag: { seconds: 100, moves: false, stays: false },
      senders: 2,
      changes: [{ v: 1, by: 'ada', reason: 'INC-30', level: 'bulk' }],
    });
    expect(shown.minutes).toHaveLength(10);
    expect(shown.minutes.at(-1)).toBe('2026-11-21T12:01');
    expect(
      shown.producers.map(({ producer, budget, offered }) => [producer, budget, offered.slice(-3)]),
    ).toEqual([
      ['agent', 100, [0, 10, 20]],
      ['other', 100, [0, 0, 3]],
    ]);
  });
});

describe('an occasion to look', () => {
  const alarm = { source: 'aws.cloudwatch', 'detail-type': 'CloudWatch Alarm State Change', detail: {} };
  it.each([
    [{ source: 'aws.events', 'detail-type': 'Scheduled Event' }, true],
    [alarm, true],
    [{ ...alarm, source: 'somebody.else' }, false],
    [{ command: 'show' }, false],
    [{}, false],
    [null, false],
    [undefined, false],
    ['text', false],
  ])('%j is %s', (event, is) => {
    expect(isOccasion(event)).toBe(is);
  });
});
