import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLedger, MAX_RANGES, type Numbering } from '../../lambdas/domain/acknowledgements.ts';
import type { Ranges } from '../../lambdas/domain/envelope.ts';

const numbersOf = (ranges: Ranges) =>
  ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));

type Step =
  | { readonly kind: 'next' }
  | { readonly kind: 'settle'; readonly which: number; readonly ok: boolean };
const steps = fc.array(
  fc.oneof(
    fc.constant<Step>({ kind: 'next' }),
    fc.record({ kind: fc.constant('settle' as const), which: fc.nat(), ok: fc.boolean() }),
  ),
  { maxLength: 300 },
);

it('P1: each acknowledged number is in an acknowledged later envelope, in one under way, or pending', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const ledger = createLedger();
      const underWay: Numbering[] = [];
      const acknowledged: Numbering[] = [];
      for (const step of script) {
        if (step.kind === 'next') underWay.push(ledger.next());
        else if (underWay.length > 0) {
          const [record] = underWay.splice(step.which % underWay.length, 1);
          ledger.settle(record!.n, step.ok);
          if (step.ok) acknowledged.push(record!);
        }
      }
      const reported = [...acknowledged, ...underWay].flatMap(({ acked }) => numbersOf(acked));
      const known = [...reported, ...numbersOf(ledger.pending())].sort((a, b) => a - b);
      expect(known).toEqual(acknowledged.map(({ n }) => n).sort((a, b) => a - b));
      for (const { n, acked } of acknowledged)
        for (const number of numbersOf(acked)) expect(number).toBeLessThan(n);
    }),
  );
});

it('numbers run from 1 without a gap, and ranges are closed, apart and rising', () => {
  const ledger = createLedger();
  const records = Array.from({ length: 6 }, () => ledger.next());
  expect(records.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6]);
  for (const n of [5, 1, 3, 2]) ledger.settle(n, true);
  ledger.settle(4, false);
  expect(ledger.next().acked).toEqual([
    [1, 3],
    [5, 5],
  ]);
});

it('bounds what one envelope carries; the rest goes into the next', () => {
  const ledger = createLedger();
  const records = Array.from({ length: 2 * (MAX_RANGES + 10) }, () => ledger.next());
  for (const { n } of records) ledger.settle(n, n % 2 === 0);
  expect(ledger.next().acked).toHaveLength(MAX_RANGES);
  expect(ledger.next().acked).toHaveLength(10);
});
