import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bucket, ByMeter } from '../../lambdas/domain/bucket.ts';
import type { Meter } from '../../lambdas/domain/contract.ts';
import { encodeHead, encodePage, type Head, itemBytes } from '../../lambdas/domain/head-item.ts';
import { ENTRY_BYTES } from '../../lambdas/domain/identity.ts';
import { MAX_PAGE_ENTRIES, roomFor, sealIfFull } from '../../lambdas/domain/seal.ts';
import { aHead, type StoredHead } from '../support/arbitrary-buckets.ts';

const NEW_KEY = 'P#network.transfer#2026-11-21T07#1#0123456789abcdef01234567';
const unitsOf = (bytes: number) => Math.ceil(bytes / 1024);
const bytesOf = (head: Head, meters: readonly Meter[]) => itemBytes(encodeHead(head, meters));

function valueBytes(values: ByMeter<Buffer>): number {
  return [...values.values()]
    .flatMap((groups) => [...groups.values()])
    .reduce((sum, { length }) => sum + length, 0);
}
const entriesOf = ({ open, openValues }: Bucket) => (open.length + valueBytes(openValues)) / ENTRY_BYTES;

/** What four entries take of an item: the attribute's name, the entries, and what is kept free. */
const FOUR_ENTRIES = 'ids'.length + 4 * ENTRY_BYTES + 24;

/** The same head with `count` open entries and no values. */
function withOpen({ head }: StoredHead, count: number): Head {
  const bucket = { ...head.bucket, open: Buffer.alloc(count * ENTRY_BYTES, 7), openValues: new Map() };
  return { ...head, bucket };
}

describe('P2 sealing', () => {
  it('moves all that is open into one page, behind the last one, or leaves all as it is', () => {
    fc.assert(
      fc.property(aHead, ({ head, meters }) => {
        const sealed = sealIfFull(head, meters, () => NEW_KEY);
        if (!sealed.page) {
          expect(sealed.head).toBe(head);
          return;
        }
        const { open, openValues, tail, ...rest } = head.bucket;
        expect(sealed.page).toEqual({
          key: NEW_KEY,
          ids: open,
          values: openValues,
          ...(tail && { prev: tail }),
        });
        const emptied = { ...rest, open: Buffer.alloc(0), openValues: new Map(), tail: NEW_KEY };
        expect(sealed.head).toEqual({ ...head, bucket: emptied });
      }),
      { numRuns: 80 },
    );
  });

  it('never leaves a head in more write units than its aggregates and four entries need', () => {
    fc.assert(
      fc.property(aHead, ({ head, meters }) => {
        const bare = bytesOf(
          { ...head, bucket: { ...head.bucket, open: Buffer.alloc(0), openValues: new Map() } },
          meters,
        );
        const planned = unitsOf(bare + FOUR_ENTRIES);
        const sealed = sealIfFull(head, meters, () => NEW_KEY);
        const grown = head.bucket.tail === undefined && sealed.page ? 'tail'.length + NEW_KEY.length : 0;
        expect(unitsOf(bytesOf(sealed.head, meters))).toBeLessThanOrEqual(
          unitsOf(bare + grown + FOUR_ENTRIES),
        );
        if (!sealed.page) expect(unitsOf(bytesOf(head, meters))).toBeLessThanOrEqual(planned);
      }),
      { numRuns: 80 },
    );
  });

  it('seals no sooner than the unit is full, and so has room for four entries always', () => {
    fc.assert(
      fc.property(aHead, (stored) => {
        const { meters } = stored;
        for (const count of [0, 1, 2, 3, 4]) {
          expect(sealIfFull(withOpen(stored, count), meters, () => NEW_KEY).page).toBeUndefined();
        }
        let count = 5;
        while (!sealIfFull(withOpen(stored, count), meters, () => NEW_KEY).page) count++;
        const fullest = bytesOf(withOpen(stored, count - 1), meters);
        expect(bytesOf(withOpen(stored, count), meters)).toBeGreaterThan(unitsOf(fullest) * 1024 - 24);
      }),
      { numRuns: 50 },
    );
  });

  it('leaves room for four entries wherever in the kilobyte the rest of the item ends', () => {
    const [stored] = fc.sample(aHead, { seed: 1, numRuns: 1 }) as [StoredHead];
    const four = withOpen(stored, 4);
    for (let length = 1; length <= 1100; length++) {
      const head = { ...four, touched: 'x'.repeat(length) };
      expect(sealIfFull(head, stored.meters, () => NEW_KEY).page, `at ${length}`).toBeUndefined();
    }
  });

  it('takes no more into one write than a page can hold, and always something', () => {
    fc.assert(
      fc.property(aHead, fc.oneof(fc.nat(100), fc.integer({ min: 9_900, max: 10_100 })), (stored, count) => {
        const { bucket } = withOpen(stored, count);
        const room = roomFor(bucket, stored.meters);
        const unique = stored.meters.filter(({ aggregate }) => aggregate === 'unique').length;
        expect(room).toBeGreaterThanOrEqual(1);
        if (room > 1) expect(entriesOf(bucket) + room * (1 + unique)).toBeLessThanOrEqual(MAX_PAGE_ENTRIES);
        if (room > 1) expect(entriesOf(bucket) + (room + 1) * (1 + unique)).toBeGreaterThan(MAX_PAGE_ENTRIES);
      }),
    );
  });

  it('a full page is well below DynamoDB’s 400 KB an item', () => {
    const key = {
      tenant: 't'.repeat(64),
      subject: 's'.repeat(128),
      type: 'x'.repeat(128),
      window: '2026-11-21T07',
    };
    const page = {
      key: `${NEW_KEY}${'%23'.repeat(128)}`,
      ids: Buffer.alloc(MAX_PAGE_ENTRIES * ENTRY_BYTES),
      values: new Map(),
    };
    expect(itemBytes(encodePage(key, { ...page, prev: page.key }))).toBeLessThan(200_000);
  });
});
