import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BucketKey, Page } from '../../lambdas/domain/bucket.ts';
import { newBucket } from '../../lambdas/domain/evolve.ts';
import { type Head, newPageKey } from '../../lambdas/domain/head-item.ts';
import { MAX_PAGE_ENTRIES } from '../../lambdas/domain/seal.ts';
import type { StateStore } from '../../lambdas/domain/state-store.ts';
import { aBucketOf } from '../support/arbitrary-buckets.ts';
import { testContracts } from '../support/contracts.ts';

const { meters } = testContracts.get('test.every')!.revisions[0]!;

/** What every state store must do. `make` gives instances over one storage; each test has a subject of its own. */
export function describeStateStoreContract(name: string, make: () => StateStore): void {
  const freshKey = (more: Partial<BucketKey> = {}): BucketKey => ({
    ...{ tenant: 'con#tract|%', subject: randomUUID(), type: 'test.every', window: '2026-11-21T07' },
    ...more,
  });
  const headOf = (key: BucketKey, v: number, n = v): Head => ({
    ...{ key, v, upTo: 'shardId-000000000000:1', touched: 'contract#2026-11#0' },
    bucket: { ...newBucket(1, 1), n, first: '2026-11-21T07:00:00Z', last: '2026-11-21T07:30:00Z' },
  });
  const pageOf = (key: BucketKey, epoch: number, entries: number, prev?: string): Page => ({
    key: newPageKey(key, epoch, randomUUID().replaceAll('-', '').slice(0, 24)),
    ids: Buffer.alloc(entries * 16, epoch),
    values: new Map([['users', new Map([['all', Buffer.alloc(16, 7)]])]]),
    ...(prev !== undefined && { prev }),
  });
  const written = { written: true };

  describe(`state store: ${name}`, () => {
    it('reads a head back as it was written, whatever is in it', async () => {
      const store = make();
      const arbitrary = fc
        .constant(null)
        .map(() => freshKey())
        .chain((key) => fc.tuple(fc.constant(key), aBucketOf(meters, key)));
      await fc.assert(
        fc.asyncProperty(arbitrary, async ([given, bucket]) => {
          // A key of its own for each run, as a counterexample is tried again.
          const key = { ...given, subject: randomUUID() };
          const head = { ...headOf(key, 1), bucket };
          expect(await store.putHead(head, undefined)).toEqual(written);
          expect(await store.heads([key])).toEqual([head]);
        }),
        { numRuns: 25 },
      );
    });

    it('P2: takes a head only for the version that was read, and answers with the one that stands', async () => {
      const store = make();
      const key = freshKey();
      expect(await store.putHead(headOf(key, 1), undefined)).toEqual(written);
      expect(await store.putHead(headOf(key, 1, 99), undefined)).toEqual({
        written: false,
        current: headOf(key, 1),
      });
      expect(await store.putHead(headOf(key, 2), 1)).toEqual(written);
      for (const seen of [undefined, 1, 3]) {
        expect(await store.putHead(headOf(key, 9, 99), seen)).toEqual({
          written: false,
          current: headOf(key, 2),
        });
      }
      expect(await store.heads([key])).toEqual([headOf(key, 2)]);
    });

    it('P2: refuses a version of a head that is not there', async () => {
      const store = make();
      const key = freshKey();
      expect(await store.putHead(headOf(key, 2), 1)).toEqual({ written: false, current: undefined });
      expect(await store.heads([key])).toEqual([undefined]);
    });

    it('P2: of several writers at once lets one win', async () => {
      const key = freshKey();
      for (const seen of [undefined, 1, 2]) {
        const heads = [1, 2, 3, 4].map((writer) => headOf(key, (seen ?? 0) + 1, writer));
        const writes = await Promise.all(heads.map((head) => make().putHead(head, seen)));
        const winners = heads.filter((_, index) => writes[index]!.written);
        expect(winners).toHaveLength(1);
        for (const write of writes) if (!write.written) expect(write.current).toEqual(winners[0]);
      }
    });

    it('answers for each key in order, more of them than one call takes', async () => {
      const store = make();
      const keys = Array.from({ length: 130 }, () => freshKey());
      const there = new Map(
        [0, 50, 99, 100, 129].map((index) => [index, headOf(keys[index]!, 1, index + 1)]),
      );
      for (const head of there.values()) await store.putHead(head, undefined);
      expect(await store.heads(keys)).toEqual(keys.map((_, index) => there.get(index)));
      expect(await store.heads([])).toEqual([]);
    });

    it('P6: keeps buckets apart whose names would run together', async () => {
      const store = make();
      const run = randomUUID();
      const keys = [
        freshKey({ tenant: `${run}#a`, subject: 'b' }),
        freshKey({ tenant: run, subject: 'a#b' }),
        freshKey({ tenant: run, subject: 'a%23b' }),
        freshKey({ tenant: run, subject: 'a', window: '2026-11-21' }),
        freshKey({ tenant: run, subject: 'a', window: '2026-11-21T07:15' }),
      ];
      for (const [index, key] of keys.entries()) await store.putHead(headOf(key, 1, index + 1), undefined);
      expect(await store.heads(keys)).toEqual(keys.map((key, index) => headOf(key, 1, index + 1)));
    });

    it('lists the pages of a bucket and epoch, and no others', async () => {
      const store = make();
      const key = freshKey();
      const first = pageOf(key, 1, 3);
      const second = pageOf(key, 1, 5, first.key);
      const others: [BucketKey, Page][] = [
        [key, pageOf(key, 2, 1)],
        [key, pageOf(key, 11, 1)],
        ...[{ window: '2026-11-21T08' }, { window: '2026-11-21' }, { type: 'test.sum' }].map(
          (more): [BucketKey, Page] => {
            const other = { ...key, ...more };
            return [other, pageOf(other, 1, 1)];
          },
        ),
      ];
      for (const [of, page] of [...others, [key, first] as const, [key, second] as const])
        await store.putPage(of, page);
      await store.putHead(headOf(key, 1), undefined);
      const byKey = (pages: readonly Page[]) => pages.toSorted((a, b) => (a.key < b.key ? -1 : 1));
      expect(byKey(await store.pages(key, 1))).toEqual(byKey([first, second]));
      expect(await store.pages(key, 3)).toEqual([]);
      expect(await store.page(key, second.key)).toEqual(second);
      expect(await store.page(key, newPageKey(key, 1, 'none'))).toBeUndefined();
    });

    it('lists more pages than one answer holds, full ones', async () => {
      const store = make();
      const key = freshKey();
      const pages = Array.from({ length: 8 }, () => pageOf(key, 1, MAX_PAGE_ENTRIES));
      await Promise.all(pages.map((page) => store.putPage(key, page)));
      const listed = await store.pages(key, 1);
      expect(listed.map((page) => page.key).sort()).toEqual(pages.map((page) => page.key).sort());
      for (const { ids } of listed) expect(ids).toHaveLength(MAX_PAGE_ENTRIES * 16);
    });
  });
}
