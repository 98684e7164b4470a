import { describe, expect, it } from 'vitest';
import { formatUnits, toUnits } from '../../lambdas/domain/decimal.ts';

describe('a decimal in units of its scale', () => {
  it.each<[number | string, number, bigint]>([
    ['12.5', 2, 1250n],
    [0.1, 9, 100_000_000n],
    [-0, 9, 0n],
    ['-0', 9, 0n],
    ['-0.0e5', 9, 0n],
    ['000123.4500', 2, 12_345n],
    ['1e3', 0, 1000n],
    ['1.5E+2', 0, 150n],
    ['12345e-2', 2, 12_345n],
    [1e-9, 9, 1n],
    [5e-324, 9, 0n],
    ['1e-9999', 9, 0n],
    [`0.${'0'.repeat(1000)}1`, 9, 0n],
    [Number.MAX_SAFE_INTEGER, 9, 9_007_199_254_740_991_000_000_000n],
    [-Number.MAX_SAFE_INTEGER, 0, -9_007_199_254_740_991n],
    ['999999999999999999.999999999', 9, 999_999_999_999_999_999_999_999_999n],
    ['9007199254740993', 0, 9_007_199_254_740_993n],
    ['0.000000000000000000001e20', 1, 1n],
  ])('%s at scale %i is %s', (value, scale, units) => {
    expect(toUnits(value, scale)).toBe(units);
  });

  it.each<[string, number, bigint]>([
    ['0.5', 0, 0n],
    ['1.5', 0, 2n],
    ['2.5', 0, 2n],
    ['-2.5', 0, -2n],
    ['-3.5', 0, -4n],
    ['2.5000000000000000000000000001', 0, 3n],
    ['2.4999999999999999999999999999', 0, 2n],
    ['0.25', 1, 2n],
    ['0.35', 1, 4n],
    ['5e-10', 9, 0n],
    ['15e-10', 9, 2n],
    ['0.05', 0, 0n],
    ['50e-2', 0, 0n],
    ['5', 0, 5n],
  ])('%s at scale %i is rounded half-even to %s', (value, scale, units) => {
    expect(toUnits(value, scale)).toBe(units);
  });

  it.each([
    2 ** 53,
    -(2 ** 53),
    1e18,
    1e21,
    Number.POSITIVE_INFINITY,
    Number.NaN,
    Number.NEGATIVE_INFINITY,
    '1000000000000000000',
    '-1000000000000000000',
    '1e18',
    '0.1e19',
    '1e9999',
  ])('%s is out of range', (value) => {
    expect(toUnits(value, 0)).toBeUndefined();
  });

  it.each([
    '',
    ' 1',
    '1 ',
    '1\n',
    '+1',
    '.5',
    '5.',
    '1,5',
    '1_000',
    '0x10',
    '1e',
    '1e1.5',
    '1e99999',
    '--1',
    'NaN',
    'Infinity',
    '١',
    '１',
    `1${'0'.repeat(2000)}`,
  ])('%j is no decimal', (value) => {
    expect(toUnits(value, 9)).toBeUndefined();
  });

  it.each<[bigint, number, string]>([
    [0n, 9, '0'],
    [-1n, 9, '-0.000000001'],
    [1250n, 2, '12.5'],
    [-1200n, 2, '-12'],
    [7n, 0, '7'],
    [10n ** 38n - 1n, 9, '99999999999999999999999999999.999999999'],
  ])('%s units at scale %i read %s', (units, scale, text) => {
    expect(formatUnits(units, scale)).toBe(text);
  });
});
