import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { BucketKey, Page } from '../../lambdas/domain/bucket.ts';
import { newBucket } from '../../lambdas/domain/evolve.ts';
import { encodeHead, type Head, type Item, newPageKey } from '../../lambdas/domain/head-item.ts';
import type { BucketStore } from '../../lambdas/domain/recovery/ports.ts';
import { testContracts } from '../support/contracts.ts';

const { meters } = testContracts.get('test.every')!.revisions[0]!;

export interface BucketStoreUnderTest {
  readonly store: BucketStore;
  /** Somebody else writes an item, whatever there is. */
  readonly put: (item: Item) => Promise<void>;
}

/** What every bucket store must do. `make` gives instances over one storage; each test has a subject of its own. */
export function describeBucketStoreContract(name: string, make: () => BucketStoreUnderTest): void {
  const freshKey = (): BucketKey => ({
    ...{ tenant: 'buc#ket|%', subject: randomUUID(), type: 'test.every', window: '2026-11-21T07' },
  });
  const headOf = (key: BucketKey, v: number, epoch = 1): Head => ({
    ...{ key, v, upTo: 'shardId-000000000000:1', touched: 'contract#2026-11#0' },
    bucket: { ...newBucket(1, epoch), n: v, first: '2026-11-21T07:00:00Z', last: '2026-11-21T07:30:00Z' },
  });
  const itemOf = (head: Head) => encodeHead(head, meters);
  const pageOf = (key: BucketKey, epoch: number, prev?: string): Page => ({
    key: newPageKey(key, epoch, randomUUID().replaceAll('-', '').slice(0, 24)),
    ids: Buffer.alloc(32, epoch),
    values: new Map([['users', new Map([['all', Buffer.alloc(16, 7)]])]]),
    ...(prev !== undefined && { prev }),
  });
  const find = async (store: BucketStore, key: BucketKey) => (await store.find([key]))[0];
  const written = { written: true };

  describe(`bucket store: ${name}`, () => {
    it('finds heads in the order asked for, more of them than one call takes', async () => {
      const { store, put } = make();
      const keys = Array.from({ length: 130 }, freshKey);
      for (const at of [0, 99, 100, 129]) await put(itemOf(headOf(keys[at]!, at + 1)));
      const found = await store.find(keys);
      expect(found.map((each) => each?.head)).toEqual(
        keys.map((key, at) => ([0, 99, 100, 129].includes(at) ? headOf(key, at + 1) : undefined)),
      );
      expect(found[99]).toMatchObject({ v: 100, item: itemOf(headOf(keys[99]!, 100)) });
      expect(await store.find([])).toEqual([]);
    });

    it('says why a head can’t be read, and still of which version it is', async () => {
      const { store, put } = make();
      const key = freshKey();
      const { digest: _digest, ...rest } = itemOf(headOf(key, 3));
      await put(rest);
      expect(await find(store, key)).toEqual({ item: rest, v: 3, damage: expect.stringContaining('digest') });
      const later = { ...itemOf(headOf(key, 4)), revision: { N: '99' } };
      await put(later);
      expect(await find(store, key)).toEqual({ item: later, v: 4, damage: expect.stringContaining('99') });
      for (const v of [{ S: 'x' }, { N: '1.5' }, { N: '-1' }]) {
        await put({ ...itemOf(headOf(key, 4)), v });
        expect(await find(store, key)).toMatchObject({ v: undefined, damage: expect.any(String) });
      }
    });

    it('P2: replaces a head only where it still is what was read', async () => {
      const { store } = make();
      const key = freshKey();
      expect(await store.replace(headOf(key, 1), undefined)).toEqual(written);
      const refused = { written: false, current: headOf(key, 1) };
      expect(await store.replace(headOf(key, 9), undefined)).toEqual(refused);
      const first = (await find(store, key))!;
      expect(await store.replace(headOf(key, 2, 2), first)).toEqual(written);
      expect(await store.replace(headOf(key, 3, 3), first)).toEqual({
        written: false,
        current: headOf(key, 2, 2),
      });
      expect((await find(store, key))?.head).toEqual(headOf(key, 2, 2));
      expect(await store.replace(headOf(freshKey(), 2), first)).toMatchObject({ written: false });
    });

    it('P2: of several writers at once lets one win', async () => {
      const key = freshKey();
      for (const v of [1, 2]) {
        const seen = await find(make().store, key);
        const heads = [1, 2, 3, 4].map((epoch) => headOf(key, v, epoch));
        const writes = await Promise.all(heads.map((head) => make().store.replace(head, seen)));
        expect(writes.filter((write) => write.written)).toHaveLength(1);
      }
    });

    it('P2: replaces what has no version that can be read only where that is as it was', async () => {
      const { store, put } = make();
      const sound = (key: BucketKey) => itemOf(headOf(key, 7));
      const { v: _v, ...unversioned } = sound(freshKey());
      const { digest: _digest, ...bare } = unversioned;
      const other = { digest: { S: 'f'.repeat(64) } };
      const cases: readonly (readonly [seen: Item, then: Item])[] = [
        [
          { ...sound(freshKey()), v: { S: 'x' } },
          { ...sound(freshKey()), v: { N: '8' } },
        ],
        [unversioned, { ...unversioned, ...other }],
        [unversioned, bare],
        [unversioned, sound(freshKey())],
        [bare, { ...bare, ...other }],
      ];
      for (const [seen, then] of cases) {
        const key = freshKey();
        const { pk, sk } = sound(key);
        await put({ ...seen, pk: pk!, sk: sk! });
        const found = (await find(store, key))!;
        await put({ ...then, pk: pk!, sk: sk! });
        expect(await store.replace(headOf(key, 9), found)).toMatchObject({ written: false });
        await put({ ...seen, pk: pk!, sk: sk! });
        expect(await store.replace(headOf(key, 9), found)).toEqual(written);
        expect((await find(store, key))?.head).toEqual(headOf(key, 9));
      }
    });

    it('keeps heads by their epochs, as they were, apart from the one that counts', async () => {
      const { store } = make();
      const key = freshKey();
      expect(await store.kept(key, 1)).toBeUndefined();
      const old = itemOf(headOf(key, 5, 1));
      await store.keep(key, 1, old);
      await store.keep(key, 1, old);
      await store.keep(key, 11, itemOf(headOf(key, 6, 11)));
      expect(await find(store, key)).toBeUndefined();
      expect(await store.kept(key, 1)).toMatchObject({ v: 5, head: headOf(key, 5, 1) });
      expect(await store.kept(key, 11)).toMatchObject({ head: headOf(key, 6, 11) });
      await store.keep(key, 1, itemOf(headOf(key, 8, 1)));
      expect(await store.kept(key, 1)).toMatchObject({ head: headOf(key, 8, 1) });
    });

    it('lists the pages of a bucket and epoch, and no others; one that can’t be read is as good as none', async () => {
      const { store, put } = make();
      const key = freshKey();
      const first = pageOf(key, 1);
      const second = pageOf(key, 1, first.key);
      for (const page of [first, second, pageOf(key, 2), pageOf(key, 11)]) await store.putPage(key, page);
      const { pk } = itemOf(headOf(key, 1));
      await put({ pk: pk!, sk: { S: newPageKey(key, 1, 'bad') }, ids: { B: Buffer.alloc(7) } });
      const byKey = (pages: readonly Page[]) => pages.toSorted((a, b) => (a.key < b.key ? -1 : 1));
      expect(byKey(await store.pages(key, 1))).toEqual(byKey([first, second]));
      expect(await store.pages(key, 3)).toEqual([]);
    });
  });
}
