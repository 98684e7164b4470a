import Big from 'big.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatUnits, MAX_SCALE, toUnits } from '../../lambdas/domain/decimal.ts';
import { toUnitsOfSum } from '../../lambdas/domain/head-item.ts';

const BOUND = new Big('1e18');
const scale = fc.integer({ min: 0, max: MAX_SCALE });
const digits = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength });

/** Texts of the grammar: long ones, ties of the rounding and the bound among them. */
const decimalText = fc
  .record({
    sign: fc.constantFrom('', '-'),
    whole: fc.oneof(digits(22), fc.constantFrom('0', '00', '999999999999999999', '1000000000000000000')),
    fraction: fc.option(
      fc.oneof(digits(25), fc.constantFrom('5', '50', '25', '15', '4999999999', '000000000500')),
    ),
    exponent: fc.option(fc.tuple(fc.constantFrom('e', 'E', 'e+', 'e-'), fc.nat(40)), { freq: 3 }),
  })
  .map(({ sign, whole, fraction, exponent }) => {
    const point = fraction === null ? '' : `.${fraction}`;
    return `${sign}${whole}${point}${exponent === null ? '' : exponent.join('')}`;
  });

/** The oracle: big.js knows nothing of units or bounds, only of decimals. */
function expected(text: string, places: number): string | undefined {
  const value = new Big(text);
  if (value.abs().gte(BOUND)) return undefined;
  return value
    .round(places, Big.roundHalfEven)
    .toFixed(places)
    .replace('.', '')
    .replace(/^(-?)0+(?=\d)/, '$1');
}

const plain = (units: bigint) => units.toString();
const noMinusZero = (text: string | undefined) => (text === '-0' ? '0' : text);

describe('P2 decimals are exact', () => {
  it('a text is what big.js makes of it, rounded half-even, and nothing beyond 10^18', () => {
    fc.assert(
      fc.property(decimalText, scale, (text, places) => {
        const units = toUnits(text, places);
        expect(units === undefined ? undefined : plain(units)).toBe(noMinusZero(expected(text, places)));
      }),
      { numRuns: 3000 },
    );
  });

  it('a number is what big.js makes of its shortest text; unsafe integers are none', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.maxSafeInteger(), fc.integer()), scale, (value, places) => {
        const units = toUnits(value, places);
        if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
          expect(units).toBeUndefined();
        } else {
          expect(units === undefined ? undefined : plain(units)).toBe(
            noMinusZero(expected(String(value), places)),
          );
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('no text whatever throws, and what is no decimal is never a number', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({ unit: 'binary' }),
          fc.string({ unit: fc.constantFrom(...'01.eE+-_ ') }),
        ),
        (text) => {
          if (toUnits(text, 9) !== undefined) expect(() => new Big(text)).not.toThrow();
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('sums do not depend on the order or the grouping', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e15, max: 1e15 }), { minLength: 1 }), (values) => {
        const units = values.flatMap((value) => toUnits(value, 9) ?? []);
        const sum = (list: readonly bigint[]) => list.reduce((a, b) => a + b, 0n);
        const middle = Math.floor(units.length / 2);
        expect(sum(units.toReversed())).toBe(sum(units));
        expect(sum(units.slice(middle)) + sum(units.slice(0, middle))).toBe(sum(units));
        const oracle = values.reduce((total, value) => {
          return toUnits(value, 9) === undefined
            ? total
            : total.plus(new Big(String(value)).round(9, Big.roundHalfEven));
        }, new Big(0));
        expect(formatUnits(sum(units), 9)).toBe(oracle.toFixed());
      }),
    );
  });

  it('what is written is read back: values, and sums of up to 38 digits', () => {
    const bound = 10n ** 38n;
    fc.assert(
      fc.property(fc.bigInt({ min: 1n - bound, max: bound - 1n }), scale, (units, places) => {
        const text = formatUnits(units, places);
        expect(text).toMatch(/^(0|-?(?!0\d)\d+(\.\d*[1-9])?)$/);
        expect(toUnitsOfSum(text, places)).toBe(units);
        expect(toUnitsOfSum(new Big(text).toExponential().replace('e', 'E'), places)).toBe(units);
        if (new Big(text).abs().lt(BOUND)) expect(toUnits(text, places)).toBe(units);
      }),
      { numRuns: 1000 },
    );
  });
});
