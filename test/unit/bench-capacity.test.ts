import { describe, expect, it } from 'vitest';
import {
  type Item,
  indexWriteUnits,
  itemBytes,
  READ_FACTOR,
  readUnits,
  TRANSACTION_FACTOR,
  writeUnits,
} from '../../bench/metering/capacity.ts';
import { priceOf } from '../../lib/prices.ts';

const KB = 1024;

/** The rules and the examples are AWS's: CapacityUnitCalculations, read-write-operations, GSI and LSI in its guide. */
describe('the bench counts as AWS bills: sizes', () => {
  it.each<[string, Item, number]>([
    ['text in UTF-8, its name too', { größe: { S: 'für' } }, 7 + 4],
    ['numbers by two digits a byte, and one', { n: { N: '12345' } }, 1 + 3 + 1],
    ['no zeros before or after', { n: { N: '0.0012300' } }, 1 + 2 + 1],
    ['zeros within', { n: { N: '1001' } }, 1 + 2 + 1],
    ['a sign', { n: { N: '-12' } }, 1 + 1 + 1 + 1],
    ['bytes as they are, not in base64', { b: { B: new Uint8Array(100) } }, 1 + 100],
    ['null and boolean', { a: { NULL: true }, b: { BOOL: false } }, 2 + 2],
    ['sets', { s: { SS: ['ab', 'c'] }, n: { NS: ['12', '3'] } }, 1 + 3 + 1 + 4],
    ['an empty map or list', { m: { M: {} }, l: { L: [] } }, 1 + 3 + 1 + 3],
    ['a byte for each element', { l: { L: [{ S: 'a' }, { S: 'bc' }] } }, 1 + 3 + 1 + 1 + 1 + 2],
    ['a byte for each pair', { m: { M: { key: { S: 'value' } } } }, 1 + 3 + 1 + 3 + 5],
  ])('%s', (_, item, bytes) => {
    expect(itemBytes(item)).toBe(bytes);
  });
});

describe('the bench counts as AWS bills: reads', () => {
  it('strongly: one unit for each 4 KB, so 8 KB are two', () => {
    expect(readUnits(8 * KB, 'strong')).toBe(2);
    expect(readUnits(8 * KB + 1, 'strong')).toBe(3);
  });

  it('eventually: half of that, so 8 KB are one', () => {
    expect(readUnits(8 * KB, 'eventual')).toBe(1);
    expect(readUnits(1, 'eventual')).toBe(0.5);
  });

  it('in a transaction: twice, so 8 KB are four', () => {
    expect(readUnits(8 * KB, 'transactional')).toBe(4);
  });

  it('nothing found is one unit all the same', () => {
    expect(readUnits(0, 'strong')).toBe(1);
    expect(readUnits(0, 'eventual')).toBe(READ_FACTOR.eventual);
  });

  it('a batch rounds each item up: 1.5 and 6.5 KB are 4 and 8, a query their sum', () => {
    const [small, large] = [1.5 * KB, 6.5 * KB];
    expect(readUnits(small, 'strong') + readUnits(large, 'strong')).toBe(3);
    expect(readUnits(small + large, 'strong')).toBe(2);
  });
});

describe('the bench counts as AWS bills: writes', () => {
  it.each([
    [0, 1, 1],
    [0, KB, 1],
    [0, KB + 1, 2],
    [0, 3.5 * KB, 4],
    [3 * KB, 1, 3],
    [2 * KB, 3 * KB, 3],
    [500, 0, 1],
    [0, 0, 1],
  ])('%i bytes before and %i after are %i units', (before, after, units) => {
    expect(writeUnits(before, after)).toBe(units);
  });

  it('in a transaction: twice, so 3 KB are six', () => {
    expect(writeUnits(0, 3 * KB) * TRANSACTION_FACTOR).toBe(6);
  });

  it('a refused condition: as if it had been done, 300 KB there and 310 KB to be written are 310', () => {
    expect(writeUnits(300 * KB, 310 * KB)).toBe(310);
  });
});

describe('the bench counts as AWS bills: index writes', () => {
  const index = { keys: ['touched', 'pk'], projected: ['touched', 'pk', 'sk'] };
  const head = (touched: string | undefined, v: number): Item => ({
    pk: { S: 'acme#a' },
    sk: { S: 'B#t#2026-11-21T07' },
    v: { N: String(v) },
    ...(touched !== undefined && { touched: { S: touched } }),
  });

  it.each<[string, Item | undefined, Item | undefined, number]>([
    ['an item with the indexed key is born', undefined, head('a', 1), 1],
    ['an item without it is', undefined, head(undefined, 1), 0],
    ['an item gets it', head(undefined, 1), head('a', 2), 1],
    ['what the index holds stays', head('a', 1), head('a', 2), 0],
    ['the indexed key changes', head('a', 1), head('b', 2), 2],
    ['an item loses it', head('a', 1), head(undefined, 2), 1],
    ['an item is deleted', head('a', 1), undefined, 1],
  ])('%s: %#', (_, before, after, units) => {
    expect(indexWriteUnits(index, before, after)).toBe(units);
  });

  it('a projected attribute that is no key changes: one', () => {
    const wide = { keys: ['touched'], projected: ['touched', 'v'] };
    expect(indexWriteUnits(wide, head('a', 1), head('a', 2))).toBe(1);
  });
});

it('a million write units cost what the table of prices says', () => {
  expect(priceOf('dynamoWrite', 1_000_000)).toBe(0.625);
});
