import Big from 'big.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scaleOf } from '../../lambdas/domain/contract.ts';
import { digestToHex } from '../../lambdas/domain/digest.ts';
import {
  decodeHead,
  decodePage,
  encodeHead,
  encodePage,
  type Item,
  newPageKey,
  StateFormatError,
} from '../../lambdas/domain/head-item.ts';
import { aHead } from '../support/arbitrary-buckets.ts';

/** As storage hands it back: other memory, at an odd place in it, and numbers as DynamoDB writes them. */
function stored(item: Item): Item {
  return structuredClone(item);
}

describe('P2 a head', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(aHead, ({ head, meters }) => {
        const item = encodeHead(head, meters);
        const read = decodeHead(stored(item), head.key, () => meters);
        expect(read).toEqual(head);
        expect(encodeHead(read, meters)).toEqual(item);
      }),
    );
  });

  it('P5: holds every aggregate as a plain number that needs no code of ours', () => {
    fc.assert(
      fc.property(aHead, ({ head, meters }) => {
        const item = encodeHead(head, meters) as unknown as {
          m: { M: Record<string, { M: Record<string, { N: string }> }> };
        };
        for (const meter of meters) {
          for (const [group, { units }] of head.bucket.meters.get(meter.name)!) {
            const number = item.m.M[meter.name]!.M[group]!.N;
            expect(new Big(number).times(new Big(10).pow(scaleOf(meter))).toFixed()).toBe(String(units));
          }
        }
        expect(encodeHead(head, meters).digest).toEqual({ S: digestToHex(head.bucket.digest) });
      }),
    );
  });

  it('says which attribute is damaged, rather than count on from it', () => {
    const damage = fc.constantFrom<[string, Item[string] | undefined]>(
      ...['v', 'epoch', 'revision', 'n', 'digest', 'first', 'last', 'upTo', 'touched'].map(
        (name): [string, undefined] => [name, undefined],
      ),
      ['digest', { S: 'not a digest' }],
      ['v', { N: '1.5' }],
      ['n', { N: '-1' }],
      ['epoch', { N: '0' }],
      ['v', { S: '1' }],
      ['ids', { B: Buffer.alloc(17) }],
      ['ids', { S: '' }],
    );
    fc.assert(
      fc.property(aHead, damage, ({ head, meters }, [name, value]) => {
        const { [name]: _, ...rest } = encodeHead(head, meters);
        const item = value ? { ...rest, [name]: value } : rest;
        expect(() => decodeHead(item, head.key, () => meters)).toThrow(StateFormatError);
        expect(() => decodeHead(item, head.key, () => meters)).toThrow(`"${name}"`);
      }),
      { numRuns: 100 },
    );
  });

  it('says which meter is damaged', () => {
    fc.assert(
      fc.property(
        aHead.filter(({ meters }) => meters.length > 0),
        fc.constantFrom<Item[string]>(
          { S: '1' },
          { N: 'NaN' },
          { N: '' },
          { N: '1e-20' },
          { N: '0.0000000001' },
        ),
        ({ head, meters }, value) => {
          const [meter] = meters;
          const item = { ...encodeHead(head, meters), m: { M: { [meter!.name]: { M: { all: value } } } } };
          expect(() => decodeHead(item, head.key, () => meters)).toThrow(`"m.${meter!.name}"`);
        },
      ),
    );
  });
});

describe('P2 a page', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(aHead, fc.boolean(), ({ head }, first) => {
        const page = {
          key: newPageKey(head.key, head.bucket.epoch, 'ab12'),
          ids: head.bucket.open,
          values: head.bucket.openValues,
          ...(first ? {} : { prev: newPageKey(head.key, head.bucket.epoch, 'cd34') }),
        };
        expect(decodePage(stored(encodePage(head.key, page)))).toEqual(page);
      }),
    );
  });

  it('is never half of one', () => {
    fc.assert(
      fc.property(
        aHead,
        fc.constantFrom<Item[string] | undefined>({ B: Buffer.alloc(15) }, { S: '' }, undefined),
        ({ head }, ids) => {
          const page = { key: 'P#a#2026-11-21#1#ab', ids: head.bucket.open, values: new Map() };
          const { ids: _, ...rest } = encodePage(head.key, page);
          expect(() => decodePage(ids ? { ...rest, ids } : rest)).toThrow(StateFormatError);
        },
      ),
    );
  });
});
