import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetLeft, type SloReading, spentBy } from '../../lambdas/domain/error-budget.ts';

const metric = { namespace: 'n', name: 'm', dimensions: {} };
const slow: SloReading = {
  id: 'x',
  promise: 'p',
  objective: 0.9,
  measure: { duration: metric, withinMs: 100 },
};
const periods = fc.array(
  fc.record({
    samples: fc.integer({ min: 1, max: 1e6 }),
    percent: fc.double({ min: 0, max: 100, noNaN: true }),
  }),
);
const objectives = fc.double({ min: 0.5, max: 0.99999, noNaN: true });

describe('an error budget, of any traffic', () => {
  it('is left exactly as far as the promise is kept', () => {
    fc.assert(
      fc.property(objectives, fc.nat(1e9), fc.integer({ min: 1, max: 1e9 }), (objective, bad, all) => {
        const allowed = all * (1 - objective);
        fc.pre(Math.abs(bad - allowed) > 1e-6 * allowed);
        expect(budgetLeft(objective, bad, all) > 0).toBe(bad < allowed);
      }),
    );
  });

  it('never grows by a bad one', () => {
    fc.assert(
      fc.property(objectives, fc.nat(1e6), fc.integer({ min: 1, max: 1e9 }), (objective, bad, all) => {
        expect(budgetLeft(objective, bad + 1, all)).toBeLessThan(budgetLeft(objective, bad, all));
      }),
    );
  });

  it('counts the same slow samples however the time is cut into periods, in any order', () => {
    fc.assert(
      fc.property(periods, (some) => {
        const samples = some.map(({ samples: value }, at) => ({ at, value }));
        const within = some.map(({ percent: value }, at) => ({ at, value }));
        const whole = spentBy(slow, [samples, within.toReversed()]);
        const parts = some.map((_, at) => spentBy(slow, [[samples[at]!], [within[at]!]]));
        expect(whole.all).toBe(parts.reduce((sum, { all }) => sum + all, 0));
        expect(whole.bad).toBeCloseTo(
          parts.reduce((sum, { bad }) => sum + bad, 0),
          3,
        );
        expect(whole.bad).toBeLessThanOrEqual(whole.all);
      }),
    );
  });
});
