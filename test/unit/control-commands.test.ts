import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyCommand } from '../../lambdas/domain/control/apply-command.ts';
import { CommandError, type SetCommand } from '../../lambdas/domain/control/command.ts';
import { type Control, type Held, NO_CONTROL } from '../../lambdas/domain/control/control.ts';
import { readCommand } from '../../lambdas/domain/control/read-command.ts';
import { readControl } from '../../lambdas/domain/control/read-control.ts';
import { outward } from '../../lambdas/domain/describe-error.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const at = '2026-11-21T12:00:00.000Z';
const asked = { command: 'set', operator: 'ada@example.com', reason: 'INC-30: a storm' };
const whom = { tenant: 'acme', producer: 'agent' };

function mistakesOf(json: unknown): readonly string[] {
  try {
    readCommand(json, NOW);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return error.mistakes.map(({ place, problem }) => `${place} ${problem}`);
  }
  return [];
}

const read = (more: object) => readCommand({ ...asked, ...more }, NOW) as SetCommand;

describe('a command', () => {
  it('shows, or sets what it says and nothing else', () => {
    expect(readCommand({ command: 'show' }, NOW)).toEqual({ command: 'show' });
    expect(read({ level: 'bulk' })).toEqual({ ...asked, level: 'bulk' });
    expect(read({ mode: 'manual', level: 'none', endMaintenance: true })).toEqual({
      ...asked,
      ...{ mode: 'manual', level: 'none', endMaintenance: true },
    });
    expect(read({ hold: { ...whom, kind: 'suspended' }, release: { ...whom, producer: 'other' } })).toEqual({
      ...asked,
      hold: { ...whom, how: { kind: 'suspended' } },
      release: { ...whom, producer: 'other' },
    });
    expect(read({ hold: { ...whom, kind: 'over-budget', share: 0.5 } }).hold).toEqual({
      ...whom,
      how: { kind: 'over-budget', share: 0.5 },
    });
  });

  it.each([
    [{ minutes: 30 }, at, '2026-11-21T12:30:00.000Z'],
    [{ to: '2026-11-22T12:00:00Z' }, at, '2026-11-22T12:00:00.000Z'],
    [
      { from: '2026-11-22T02:00:00+01:00', minutes: 90 },
      '2026-11-22T01:00:00.000Z',
      '2026-11-22T02:30:00.000Z',
    ],
  ])('opens maintenance %j', (maintenance, from, to) => {
    expect(read({ maintenance }).maintenance).toEqual({ from, to });
  });

  it.each([
    ['no object', 5, ['must be a JSON object']],
    ['no command', {}, ['/command is missing: it must be "show" or "set"']],
    ['an unknown command', { command: 'stop' }, ['/command must be "show" or "set", not "stop"']],
    ['more than show takes', { command: 'show', level: 'none' }, ['/level is not known here']],
    ['nothing to set', asked, ['must say what to set: mode, level, hold']],
    [
      'a word misspelt',
      { ...asked, levl: 'bulk', mode: 'auto' },
      ['/levl is not known here. Did you mean "level"?'],
    ],
    ['no reason', { ...asked, reason: ' ', level: 'none' }, ['/reason must be a text of 1 to 500']],
    [
      'a long reason',
      { ...asked, reason: 'x'.repeat(501), level: 'none' },
      ['/reason must be a text of 1 to 500'],
    ],
    ['no operator', { command: 'set', reason: 'r', level: 'none' }, ['/operator is missing']],
    ['our own name', { ...asked, operator: 'Guard', level: 'none' }, ['/operator must not be guard or weir']],
    ['an unknown level', { ...asked, level: 'critical' }, ['/level must be "none" or "bulk"']],
    ['a hold without a kind', { ...asked, hold: whom }, ['/hold/kind is missing']],
    [
      'no share',
      { ...asked, hold: { ...whom, kind: 'over-budget' } },
      ['/hold/share is missing: it must be a number'],
    ],
    [
      'a share of 0',
      { ...asked, hold: { ...whom, kind: 'over-budget', share: 0 } },
      ['/hold/share must be a number'],
    ],
    [
      'a share of all',
      { ...asked, hold: { ...whom, kind: 'suspended', share: 1 } },
      ['/hold/share must not stand'],
    ],
    [
      'hold and release of one',
      { ...asked, hold: { ...whom, kind: 'suspended' }, release: whom },
      ['/release names'],
    ],
    [
      'a window without an end',
      { ...asked, maintenance: {} },
      ['/maintenance must have either "to" or "minutes"'],
    ],
    [
      'two ends',
      { ...asked, maintenance: { minutes: 5, to: '2026-11-21T13:00:00Z' } },
      ['/maintenance must have'],
    ],
    [
      'more than a day',
      { ...asked, maintenance: { to: '2026-11-22T12:00:01Z' } },
      ['/maintenance/to makes a window'],
    ],
    [
      'an end in the past',
      { ...asked, maintenance: { to: '2026-11-21T11:00:00Z' } },
      ['/maintenance/to lies in the past'],
    ],
    [
      'a window far ahead',
      { ...asked, maintenance: { from: '2027-01-01T00:00:00Z', minutes: 5 } },
      ['/maintenance/from must be'],
    ],
    [
      'maintenance that ends and begins',
      { ...asked, maintenance: { minutes: 5 }, endMaintenance: true },
      ['/endMaintenance must not'],
    ],
  ])('with %s is refused, and says what is allowed', (_, json, beginnings) => {
    const mistakes = mistakesOf(json);
    expect(mistakes).toHaveLength(beginnings.length);
    for (const [index, beginning] of beginnings.entries())
      expect(mistakes[index]!.trim()).toContain(beginning);
  });

  it('is told all its mistakes at once', () => {
    const json = {
      command: 'set',
      operator: 7,
      mode: 'off',
      level: 'all',
      hold: { tenant: '' },
      maintenance: { minutes: 0 },
    };
    const places = mistakesOf(json).map((line) => line.split(' ')[0]);
    expect(places).toEqual(
      expect.arrayContaining([
        '/operator',
        '/reason',
        '/mode',
        '/level',
        '/hold/tenant',
        '/hold/producer',
        '/hold/kind',
        '/maintenance/minutes',
      ]),
    );
  });

  it('is told them all also by the function, which lets no long texts of others out', () => {
    const mistakes = Array.from({ length: 20 }, (_, index) => ({
      place: `/x${index}`,
      problem: 'is not known here',
    }));
    const error = new CommandError(mistakes);
    expect(error.message.length).toBeGreaterThan(500);
    expect(outward(error)).toMatchObject({ name: 'CommandError', message: error.message });
    expect(outward(new TypeError('x'.repeat(2_000))).message.length).toBeLessThan(600);
  });

  it('of any form at all is read or refused, and never quotes a secret', () => {
    const member = fc.oneof(fc.jsonValue(), fc.constantFrom('set', 'show', 'none', 'wk_0123456789abcdef', 5));
    const json = fc.dictionary(
      fc.constantFrom(
        'command',
        'operator',
        'reason',
        'mode',
        'level',
        'hold',
        'release',
        'maintenance',
        'endMaintenance',
        'x',
      ),
      member,
    );
    fc.assert(
      fc.property(json, (one) => {
        expect(mistakesOf(one).join('\n')).not.toContain('wk_0123456789');
      }),
    );
  });
});

const held = (producer: string, by: string): Held => ({
  ...{ tenant: 'acme', producer, by },
  how: { kind: 'over-budget', share: 0.5 },
  since: '2026-11-21T11:00:00.000Z',
  reason: 'r',
});
const standing: Control = {
  ...NO_CONTROL,
  ...{
    v: 7,
    level: 'bulk',
    calmSince: '2026-11-21T11:59:00.000Z',
    held: [held('agent', 'guard'), held('other', 'guard')],
  },
  maintenance: [{ from: '2026-11-21T10:00:00.000Z', to: '2026-11-21T11:00:00.000Z', reason: 'm', by: 'bob' }],
};
const apply = (more: object, control = standing) => applyCommand(control, read(more), NOW);

describe('what is in force after a command', () => {
  it('is what it says, by whom and why, one version on', () => {
    const after = apply({ mode: 'manual', level: 'half-standard' });
    expect(after).toMatchObject({ v: 8, mode: 'manual', level: 'half-standard', held: standing.held });
    expect(after).toMatchObject({ by: 'ada@example.com', reason: 'INC-30: a storm', at, steppedAt: at });
    expect(after.calmSince).toBeUndefined();
    // Windows that are over go with any change.
    expect(after.maintenance).toEqual([]);
  });

  it('can be read again from its document', () => {
    const after = apply({ hold: { ...whom, kind: 'suspended' }, maintenance: { minutes: 5 } });
    expect(readControl(JSON.stringify(after))).toEqual(after);
  });

  it('has an operator’s hold in place of guard’s, and no longer whom it releases', () => {
    const after = apply({
      hold: { ...whom, kind: 'suspended' },
      release: { tenant: 'acme', producer: 'other' },
    });
    expect(after.held).toEqual([
      { ...whom, how: { kind: 'suspended' }, since: at, reason: 'INC-30: a storm', by: 'ada@example.com' },
    ]);
  });

  it('has maintenance until it ends, or is ended', () => {
    const open = apply({ maintenance: { minutes: 30 } });
    expect(open.maintenance).toEqual([
      { from: at, to: '2026-11-21T12:30:00.000Z', reason: 'INC-30: a storm', by: 'ada@example.com' },
    ]);
    expect(open.steppedAt).toBeUndefined();
    expect(apply({ endMaintenance: true }, open).maintenance).toEqual([]);
  });

  it.each([
    ['releases who is not held', { release: { tenant: 'acme', producer: 'nobody' } }, standing, '/release'],
    ['ends maintenance that is not', { endMaintenance: true }, standing, '/endMaintenance'],
    [
      'holds one too many',
      { hold: { ...whom, producer: 'one more', kind: 'suspended' } },
      { ...standing, held: Array.from({ length: 100 }, (_, index) => held(`p${index}`, 'ada')) },
      '/hold',
    ],
    [
      'opens one window too many',
      { maintenance: { minutes: 5 } },
      {
        ...standing,
        maintenance: Array.from({ length: 20 }, () => ({
          from: at,
          to: '2026-11-21T13:00:00.000Z',
          reason: '',
          by: '',
        })),
      },
      '/maintenance',
    ],
  ])('is not changed where it %s', (_, more, control, place) => {
    expect(() => apply(more, control)).toThrow(new RegExp(`^Nothing was changed[^]*\n${place} `));
  });

  it('fits one item of DynamoDB, however many are held and however much is said of it', () => {
    // Three bytes each in UTF-8, as long as they may be.
    const long = (length: number, index = 0) => String(index).padEnd(length, '€');
    const said = { ...asked, operator: long(128), reason: long(500) };
    const by = (control: Control, more: object) =>
      applyCommand(control, readCommand({ ...said, ...more }, NOW) as SetCommand, NOW);
    let control = standing;
    for (let index = 0; index < 20; index++) control = by(control, { maintenance: { minutes: 1440 } });
    for (let index = control.held.length; index < 100; index++) {
      const hold = { tenant: long(64, index), producer: long(64, index) };
      control = by(control, { hold: { ...hold, kind: 'over-budget', share: 1 / 3 } });
    }
    expect(control.held).toHaveLength(100);
    // Guard holds twenty at most, of whom it says less.
    const guards = Array.from({ length: 20 }, (_, index) => ({ ...control.held.at(-1)!, since: `${index}` }));
    const whole = { ...control, held: [...control.held, ...guards] };
    const ITEM = 400 * 1024;
    expect(Buffer.byteLength(JSON.stringify(whole))).toBeLessThan(ITEM - 1024);
    expect(Buffer.byteLength(JSON.stringify(whole))).toBeGreaterThan(ITEM / 2);
  });
});
