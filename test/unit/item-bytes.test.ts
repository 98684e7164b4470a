import { describe, expect, it } from 'vitest';
import { type Item, itemBytes } from '../../lambdas/domain/head-item.ts';

// The rules and the first example are AWS's: "DynamoDB item sizes and formats" of the developer guide.
describe('bytes that DynamoDB bills for an item', () => {
  it.each<[string, Item, number]>([
    ['AWS’s shirt', { 'shirt-color': { S: 'R' }, 'shirt-size': { S: 'M' } }, 23],
    ['text in UTF-8', { a: { S: 'ü€' } }, 1 + 5],
    ['empty text', { a: { S: '' } }, 1],
    ['bytes', { a: { B: Buffer.alloc(160) } }, 161],
    ['an empty map: three bytes', { a: { M: {} } }, 1 + 3],
    [
      'a map: one byte more for each pair',
      { a: { M: { bc: { S: 'd' }, e: { S: '' } } } },
      1 + 3 + (1 + 2 + 1) + (1 + 1),
    ],
    ['maps within maps', { a: { M: { b: { M: { c: { N: '1' } } } } } }, 1 + 3 + (1 + 1 + 3) + (1 + 1 + 2)],
    ['a number: a byte for two digits, and one', { a: { N: '1234' } }, 1 + 3],
    ['an odd number of digits', { a: { N: '123' } }, 1 + 3],
    ['zeros before and after are trimmed', { a: { N: '0.00120' } }, 1 + 2],
    ['so are zeros of a whole number', { a: { N: '1200000' } }, 1 + 2],
    ['zeros within are digits', { a: { N: '1002' } }, 1 + 3],
    ['a negative number: one more', { a: { N: '-12.5' } }, 1 + 4],
    ['38 digits', { a: { N: '9'.repeat(38) } }, 1 + 20],
  ])('%s', (_name, item, bytes) => {
    expect(itemBytes(item)).toBe(bytes);
  });
});
