import { describe, expect, it } from 'vitest';
import { parseAlarmRule } from '../support/alarm-simulator/alarm-rule.ts';
import {
  type AlarmState,
  evaluateDatapoints,
  type Treatment,
} from '../support/alarm-simulator/evaluate-datapoints.ts';
import { parseExpression } from '../support/alarm-simulator/expression.ts';
import { type MetricData, MetricStore, metricKey } from '../support/alarm-simulator/metric-data.ts';
import type { CompositeAlarm, MetricAlarm } from '../support/alarm-simulator/read-alarms.ts';
import { simulate } from '../support/alarm-simulator/simulate.ts';
import { fewSamples, type Samples, statistic } from '../support/alarm-simulator/statistics.ts';
import { ActionsSuppressor } from '../support/alarm-simulator/suppress-actions.ts';

const TREATMENTS: readonly Treatment[] = ['missing', 'ignore', 'breaching', 'notBreaching'];
const STATES = { ok: 'OK', alarm: 'ALARM', insufficient: 'INSUFFICIENT_DATA' } as const;

/** `0` does not breach, `X` does, `-` is missing; as in the guide's tables. */
const points = (text: string) => text.split(' ').map((point) => (point === '-' ? undefined : point === 'X'));

/** Cells of the columns MISSING, IGNORE, BREACHING, NOT BREACHING; `retain` is whatever it was. */
type Row = readonly [data: string, ...cells: readonly (keyof typeof STATES | 'retain')[]];

const rows = (...all: readonly Row[]) => all.map((row) => ({ data: row[0], row }));

function checkRow(m: number, [data, ...cells]: Row): void {
  for (const [column, treatment] of TREATMENTS.entries()) {
    for (const current of Object.values(STATES)) {
      const cell = cells[column]!;
      const expected: AlarmState = cell === 'retain' ? current : STATES[cell];
      const state = evaluateDatapoints(points(data), { m, n: 3, treatment }, current);
      expect(state, `${treatment}, was ${current}`).toBe(expected);
    }
  }
}

// User guide, "Configuring how CloudWatch alarms treat missing data": N is 3, the evaluation range 5.
describe('missing data, 3 of 3', () => {
  it.each(
    rows(
      ['0 - X - X', 'ok', 'ok', 'ok', 'ok'],
      ['0 - - - -', 'ok', 'ok', 'ok', 'ok'],
      ['- - - - -', 'insufficient', 'retain', 'alarm', 'ok'],
      ['0 X X - X', 'alarm', 'alarm', 'alarm', 'alarm'],
      ['- - X - -', 'alarm', 'retain', 'alarm', 'ok'],
      // From the guide's earlier editions.
      ['- - - - X', 'insufficient', 'retain', 'alarm', 'ok'],
      ['X - - - -', 'alarm', 'retain', 'alarm', 'ok'],
    ),
  )('$data', ({ row }) => checkRow(3, row));
});

describe('missing data, 2 of 3', () => {
  it.each(
    rows(
      ['0 - X - X', 'alarm', 'alarm', 'alarm', 'alarm'],
      ['0 0 X 0 X', 'alarm', 'alarm', 'alarm', 'alarm'],
      ['0 - X - -', 'ok', 'ok', 'alarm', 'ok'],
      ['- - - - 0', 'ok', 'ok', 'alarm', 'ok'],
      ['- - - X -', 'alarm', 'retain', 'alarm', 'ok'],
      ['- - - - X', 'insufficient', 'retain', 'alarm', 'ok'],
    ),
  )('$data', ({ row }) => checkRow(2, row));
});

describe('premature transitions', () => {
  it.each(['- - - - X', '- - - X -', '- - - X 0', '- - X - 0'])('%s is not yet an alarm, 3 of 3', (data) => {
    expect(evaluateDatapoints(points(data), { m: 3, n: 3, treatment: 'missing' }, 'OK')).not.toBe('ALARM');
  });
});

describe('evaluating an alarm', () => {
  const value =
    (minutes: readonly (number | undefined)[]): MetricData =>
    (_, minute) => {
      const sample = minute < 1 ? 0 : minutes[minute - 1];
      return sample === undefined ? [] : [[sample, 1]];
    };
  const alarm = (changes: Partial<MetricAlarm> = {}): MetricAlarm => ({
    kind: 'metric',
    name: 'main',
    description: '',
    topics: ['page'],
    readings: { m: { metric: 'x', stat: 'Maximum' } },
    evaluate: ({ m }) => m!,
    periodMinutes: 1,
    criterion: { n: 3, m: 3, treatment: 'missing' },
    breaches: (x) => x > 3,
    ignoresFewSamples: false,
    ...changes,
  });

  it('is as in the guide’s figure: three periods above three, one below, one above', () => {
    const data = value([2, 3, 4, 5, 5, 2, 3, 2, 5, 2]);
    const { transitions, messages } = simulate({ alarms: [alarm()], data, minutes: 10 });
    expect(transitions).toEqual([
      { minute: 5, alarm: 'main', from: 'OK', to: 'ALARM' },
      { minute: 6, alarm: 'main', from: 'ALARM', to: 'OK' },
    ]);
    expect(messages).toEqual([{ minute: 5, alarm: 'main', topic: 'page' }]);
  });

  it('slides: five minutes are looked at after each minute', () => {
    const five = alarm({
      periodMinutes: 5,
      readings: { m: { metric: 'x', stat: 'Sum' } },
      criterion: { n: 1, m: 1, treatment: 'missing' },
      breaches: (x) => x >= 6,
    });
    const { transitions } = simulate({ alarms: [five], data: value([2, 0, 2, 0, 2, 0, 0, 0]), minutes: 8 });
    expect(transitions.map(({ minute, to }) => [minute, to])).toEqual([
      [5, 'ALARM'],
      [6, 'OK'],
    ]);
  });

  it('is once an hour, up to the full hour, over more than a day: the guide’s example of a job at 10:02', () => {
    const job = alarm({
      periodMinutes: 3 * 24 * 60,
      readings: { m: { metric: 'x', stat: 'Maximum' } },
      criterion: { n: 1, m: 1, treatment: 'missing' },
      breaches: (x) => x >= 1,
    });
    const failsAt = 10 * 60 + 2;
    const data: MetricData = (_, minute) => [[minute === failsAt ? 1 : 0, 1]];
    const { transitions } = simulate({ alarms: [job], data, minutes: 12 * 60 });
    expect(transitions).toEqual([{ minute: 11 * 60 + 3, alarm: 'main', from: 'OK', to: 'ALARM' }]);
  });

  it('dies last of all: a heartbeat that stops is missed when it has left the evaluation range', () => {
    const heartbeat = alarm({ criterion: { n: 3, m: 3, treatment: 'breaching' }, breaches: (x) => x < 1 });
    const data: MetricData = (_, minute) => (minute <= 10 ? [[2, 1]] : []);
    expect(simulate({ alarms: [heartbeat], data, minutes: 30 }).transitions).toMatchObject([
      { minute: 15, to: 'ALARM' },
    ]);
    expect(simulate({ alarms: [heartbeat], data, minutes: 30, beyond: 0 }).transitions).toMatchObject([
      { minute: 13, to: 'ALARM' },
    ]);
  });

  // User guide, "Using math expressions": FILL in an alarm on a metric that is published late can keep it where it is for ever.
  it('sees a late minute as missing, and FILL makes it a value: M must be less than N', () => {
    const filled = (m: number, n: number) =>
      alarm({
        evaluate: ({ m: series }) => series!.map((x) => x ?? 0),
        criterion: { m, n, treatment: 'missing' },
      });
    const data = value(Array.from({ length: 20 }, () => 9));
    const stateOf = (m: number, n: number, late: number) =>
      simulate({ alarms: [filled(m, n)], data, minutes: 20, late }).states.get('main');
    expect([stateOf(3, 3, 0), stateOf(3, 3, 1), stateOf(3, 4, 1)]).toEqual(['ALARM', 'OK', 'ALARM']);
    const plain = simulate({ alarms: [alarm()], data, minutes: 20, late: 2 });
    expect(plain.transitions).toMatchObject([{ minute: 5, to: 'ALARM' }]);
  });

  it('leaves a percentile of few samples alone, where the alarm says so', () => {
    const p95 = alarm({
      readings: { m: { metric: 'x', stat: 'p95' } },
      criterion: { n: 1, m: 1, treatment: 'missing' },
      ignoresFewSamples: true,
    });
    const data =
      (times: number): MetricData =>
      () => [[9, times]];
    expect(simulate({ alarms: [p95], data: data(199), minutes: 3 }).states.get('main')).toBe('OK');
    expect(simulate({ alarms: [p95], data: data(200), minutes: 3 }).states.get('main')).toBe('ALARM');
  });

  it('lets a composite speak for its parts, once', () => {
    const part = (name: string, metric: string): MetricAlarm =>
      alarm({ name, topics: [], readings: { m: { metric, stat: 'Maximum' } } });
    const any: CompositeAlarm = {
      kind: 'composite',
      name: 'any',
      description: '',
      topics: ['page'],
      rule: parseAlarmRule('ALARM(a) OR ALARM("b")'),
    };
    const data: MetricData = (metric, minute) => [[minute > (metric === 'x' ? 0 : 5) ? 9 : 0, 1]];
    const { messages, transitions } = simulate({
      alarms: [part('a', 'x'), part('b', 'y'), any],
      data,
      minutes: 12,
    });
    expect(transitions.map(({ alarm: name, minute }) => [name, minute])).toEqual([
      ['a', 3],
      ['any', 3],
      ['b', 8],
    ]);
    expect(messages).toEqual([{ minute: 3, alarm: 'any', topic: 'page' }]);
  });
});

// User guide, "Suppressing composite alarm actions", examples 1 to 6: WaitPeriod is 2 units, ExtensionPeriod 3.
describe('suppressed actions', () => {
  /** States by unit of time from 0: `.` is OK, `A` is ALARM. */
  const actions = (composite: string, suppressor: string) => {
    const state = (text: string, at: number): AlarmState => (text[at] === 'A' ? 'ALARM' : 'OK');
    const at = (time: number) => ({
      at: time,
      state: state(composite, time),
      suppressor: state(suppressor, time),
    });
    const main = new ActionsSuppressor({ waitPeriod: 2, extensionPeriod: 3 }, at(0));
    return [...composite].flatMap((_, time) => {
      const action = time === 0 ? undefined : main.next(at(time));
      return action === undefined ? [] : [[time, action]];
    });
  };

  it.each([
    ['1: are taken after the WaitPeriod', '..AAAAAAAA', '..........', [[4, 'ALARM']]],
    ['2: are stopped by the suppressor within the WaitPeriod', '..AAAAAAAA', '...AAAAAAA', []],
    ['3: are those of the state that it went back to', '..A.......', '..........', [[5, 'OK']]],
    ['4: are stopped by a suppressor that is in ALARM already', '..AAAAAAAA', 'AAAAAAAAAA', []],
    ['5: are taken after the ExtensionPeriod', '..AAAAAAAAA', '...AAA.....', [[9, 'ALARM']]],
    ['6: wait anew when the state changes in the ExtensionPeriod', '..AAAAA....', '...AAA.....', [[9, 'OK']]],
  ])('example %s', (_, composite, suppressor, expected) => {
    expect(actions(composite, suppressor)).toEqual(expected);
  });

  it('are taken at once without a suppressor', () => {
    const main = new ActionsSuppressor(undefined, { at: 0, state: 'OK', suppressor: 'OK' });
    expect(main.next({ at: 1, state: 'ALARM', suppressor: 'OK' })).toBe('ALARM');
    expect(main.next({ at: 2, state: 'ALARM', suppressor: 'OK' })).toBeUndefined();
  });
});

describe('rules', () => {
  const states: Readonly<Record<string, AlarmState>> = { a: 'ALARM', b: 'OK', c: 'INSUFFICIENT_DATA' };
  it.each([
    ['ALARM(a)', true],
    ['ALARM("a") AND ALARM("b")', false],
    ['ALARM(b) OR ALARM(a) AND OK(b)', true],
    ['(ALARM(b) OR ALARM(a)) AND NOT OK(b)', false],
    ['INSUFFICIENT_DATA(c) AND NOT (ALARM(b) OR FALSE)', true],
    ['ALARM("arn:aws:cloudwatch:eu-central-1:111122223333:alarm:a")', true],
    ['TRUE AND FALSE', false],
  ])('%s', (rule, expected) => {
    expect(parseAlarmRule(rule).holds((name) => states[name]!)).toBe(expected);
  });

  it.each(['AT_LEAST(2, ALARM, (a, b))', 'ALARM(a', 'ALARM(a) ALARM(b)', ''])('refuse %s', (rule) => {
    expect(() => parseAlarmRule(rule)).toThrow(/can't read the rule/);
  });
});

describe('metric math', () => {
  const series = { a: [1, 2, undefined], b: [10, 0, 30] };
  it.each([
    ['a + b * 2', [21, 2, undefined]],
    ['(a + b) * 2', [22, 4, undefined]],
    ['b - a - 1', [8, -3, undefined]],
    ['a / b', [0.1, undefined, undefined]],
    ['FILL(a, 0) / (FILL(a, 0) + 1)', [0.5, 2 / 3, 0]],
    ['IF(b > 5, a, 0)', [1, 0, undefined]],
    ['IF(FILL(a, 0) >= 2, a / b, 0)', [0, undefined, 0]],
    ['a >= 2 OR b == 10', [1, 1, undefined]],
    ['a >= 2 AND b == 10', [0, 0, undefined]],
  ])('%s', (expression, expected) => {
    expect(parseExpression(expression)(series, 3)).toEqual(expected);
  });

  it.each(['MAX(a)', 'RUNNING_SUM(a)', 'FILL(a)', 'a +', 'a b', 'a ^ 2', '(a'])(
    'refuses %s',
    (expression) => {
      expect(() => parseExpression(expression)).toThrow(/The simulator/);
    },
  );

  it('refuses a name that is not there', () => {
    expect(() => parseExpression('a + d')(series, 3)).toThrow(/names d/);
  });
});

describe('statistics', () => {
  const samples: Samples = [
    [30, 1],
    [10, 8],
    [20, 1],
  ];
  it.each([
    ['Sum', 130],
    ['SampleCount', 10],
    ['Average', 13],
    ['Maximum', 30],
    ['Minimum', 10],
    ['p50', 10],
    ['p90', 20],
    ['p99', 30],
    ['PR(:20)', 90],
    ['PR(10:)', 20],
  ])('%s', (name, expected) => {
    expect(statistic(name, samples)).toBe(expected);
    const store = new MetricStore(
      (_, minute) => (minute === 2 ? samples : []),
      () => 0,
      4,
    );
    expect(store.of('x').over(name, 0, 4)).toBe(expected);
    expect(store.of('x').over(name, 2, 4)).toBeUndefined();
  });

  it('are refused where unknown', () => {
    expect(() => statistic('TM(2%:98%)', samples)).toThrow(/knows no statistic/);
  });

  it('need 10/(1-percentile) samples, as the guide says: 1000 for p99', () => {
    expect(fewSamples('p99')).toBeCloseTo(1000);
    expect(fewSamples('p10')).toBeCloseTo(100);
  });

  it('are of a metric with these dimensions, in any order', () => {
    const [a, b] = [
      { Name: 'A', Value: '1' },
      { Name: 'B', Value: '2' },
    ];
    const metric = { Namespace: 'Weir/weir', MetricName: 'x' };
    expect(metricKey({ ...metric, Dimensions: [b, a] })).toBe(metricKey({ ...metric, Dimensions: [a, b] }));
  });
});
