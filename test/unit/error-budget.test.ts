import { describe, expect, it } from 'vitest';
import {
  budgetLeft,
  queriesFor,
  readBudgets,
  type SloReading,
  spentBy,
} from '../../lambdas/domain/error-budget.ts';
import type { MetricQuery } from '../../lambdas/domain/metric-reader.ts';
import { readSlos } from '../../lambdas/domain/read-slos.ts';
import { sloReadingsOf } from '../../lib/observability/slo-readings.ts';

const metric = (name: string) => ({ namespace: 'Weir/w', name, dimensions: { service: 'project' } });
const slo = (measure: SloReading['measure'], objective = 0.99): SloReading => ({
  id: 'x',
  promise: 'p',
  objective,
  measure,
});
const at = (...values: number[]) => values.map((value, index) => ({ at: index * 3_600_000, value }));

describe('an error budget', () => {
  it.each([
    [0.99, 0, 1000, 1],
    [0.99, 5, 1000, 0.5],
    [0.99, 10, 1000, 0],
    [0.99, 20, 1000, -1],
    [0.9999, 0, 0, 1],
  ])('with the objective %d, %d bad of %d, is left by %d', (objective, bad, all, left) => {
    expect(budgetLeft(objective, bad, all)).toBeCloseTo(left, 9);
  });

  it('counts good and bad together where there is no count of all', () => {
    const points = [at(3), at(97, 100)];
    expect(spentBy(slo({ bad: metric('b'), all: metric('a') }), points)).toEqual({ bad: 3, all: 197 });
    expect(spentBy(slo({ bad: metric('b'), good: metric('g') }), points)).toEqual({ bad: 3, all: 200 });
  });

  it('does not spend what is excused, and never less than nothing', () => {
    const measured = slo({ bad: metric('b'), excused: metric('e'), all: metric('a') });
    expect(queriesFor(measured).map(({ name }) => name)).toEqual(['b', 'a', 'e']);
    expect(spentBy(measured, [at(5, 5), at(100), at(4)])).toEqual({ bad: 6, all: 100 });
    expect(spentBy(measured, [at(5), at(100), at(9)])).toEqual({ bad: 0, all: 100 });
  });

  it('weighs the share of slow samples by how many there were, period by period', () => {
    const measured = slo({ duration: metric('d'), withinMs: 300 });
    expect(queriesFor(measured).map(({ stat }) => stat)).toEqual(['SampleCount', 'PR(:300)']);
    expect(spentBy(measured, [at(1000, 10), at(100, 50)])).toEqual({ bad: 5, all: 1010 });
  });

  it('calls samples neither good nor bad of which no share is known', () => {
    expect(spentBy(slo({ duration: metric('d'), withinMs: 300 }), [at(1000, 10), at(90)])).toEqual({
      bad: 100,
      all: 1000,
    });
  });

  it('is read for all service levels at once, over 30 days, each from its own points', async () => {
    const slos = [
      slo({ bad: metric('b1'), all: metric('a1') }),
      slo({ duration: metric('d'), withinMs: 300 }),
      slo({ bad: metric('b2'), excused: metric('e2'), good: metric('g2') }),
    ];
    const values: Record<string, number> = {
      b1: 1,
      a1: 200,
      SampleCount: 100,
      'PR(:300)': 99.5,
      b2: 3,
      e2: 1,
      g2: 197,
    };
    const now = Date.parse('2026-11-21T12:00:00Z');
    const asked: [readonly MetricQuery[], number, number][] = [];
    const budgets = await readBudgets(
      slos,
      {
        read: async (queries, from, to) => {
          asked.push([queries, from, to]);
          return queries.map(({ name, stat }) => at(values[stat === 'Sum' ? name : stat]!));
        },
      },
      now,
    );
    expect(asked).toHaveLength(1);
    expect(asked[0]!.slice(1)).toEqual([Date.parse('2026-10-22T12:00:00Z'), now]);
    expect(budgets.map(({ bad, all }) => [bad, all])).toEqual([
      [1, 200],
      [0.5, 100],
      [2, 200],
    ]);
    for (const { left } of budgets.slice(0, 2)) expect(left).toBeCloseTo(0.5, 9);
  });
});

describe('the service levels in an environment', () => {
  const given = sloReadingsOf('a-name-of-twenty-char', { retentionHours: 168, gatherSeconds: 5 });

  it('come out as they went in, and leave room for the rest of it', () => {
    const json = JSON.stringify(given);
    expect(readSlos(json)).toEqual(given);
    expect(given.length).toBeGreaterThan(3);
    // A function has 4 kB of environment.
    expect(json.length).toBeLessThan(3000);
    expect(json).not.toContain('{name}');
  });

  it('excuse what was shed so that the rest is answered', () => {
    const availability = given.find(({ id }) => id === 'api-availability')!;
    expect(availability.measure).toMatchObject({
      excused: { name: 'requestsShed' },
      bad: { name: '5XXError' },
    });
  });

  it.each([
    ['nonsense', 'they are no JSON'],
    ['[]', 'the list must be a list of 1 to 20 service levels'],
    ['[{"id":"a"}]', '/0/objective is missing'],
    [
      JSON.stringify([{ ...given[0], objective: 1 }]),
      '/0/objective must be a share of good ones, above 0 and below 1, not 1',
    ],
    [JSON.stringify([{ ...given[0], measure: { bad: metric('b') } }]), '/0/measure/all is missing'],
    [JSON.stringify([{ ...given[0], measure: { duration: metric('b') } }]), '/0/measure/withinMs is missing'],
    [JSON.stringify([{ ...given[0], surprise: 1 }]), '/0/surprise is not known here'],
    [
      JSON.stringify([
        { ...given[0], measure: { bad: { ...metric('b'), dimensions: { a: 1 } }, all: metric('a') } },
      ]),
      '/0/measure/bad/dimensions/a must be a text',
    ],
  ])('%# are refused with what is wrong', (json, problem) => {
    expect(() => readSlos(json)).toThrow(problem);
  });

  it('name every mistake at once', () => {
    const twice = JSON.stringify([{ ...given[0], id: 5, objective: 2 }]);
    expect(() => readSlos(twice)).toThrow(/\/0\/objective must.*\/0\/id must/);
  });
});
