import { describe, expect, it } from 'vitest';
import { type Bucket, type Page, valuesKey } from '../../lambdas/domain/bucket.ts';
import { newBucket } from '../../lambdas/domain/evolve.ts';
import { newPageKey } from '../../lambdas/domain/head-item.ts';
import { SealedPages } from '../../lambdas/project/sealed-pages.ts';
import { testContracts } from '../support/contracts.ts';
import { MemoryState, MemoryTable } from '../support/memory-state.ts';

const key = { tenant: 't', subject: 's', type: 'test.sum', window: '2026-11-21T07' };
const entry = (number: number) => {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(number, 8);
  return bytes;
};
const bucketAt = (epoch: number, tail: Page): Bucket => ({ ...newBucket(1, epoch), tail: tail.key });

/** A chain of pages in storage, each with one entry of the given numbers. */
async function chainOf(state: MemoryState, epoch: number, numbers: readonly number[]): Promise<Page[]> {
  const pages: Page[] = [];
  for (const number of numbers) {
    const prev = pages.at(-1)?.key;
    const page = {
      key: newPageKey(key, epoch, `${epoch}${number}`),
      ids: entry(number),
      values: new Map(),
      ...(prev !== undefined && { prev }),
    };
    await state.putPage(key, page);
    pages.push(page);
  }
  return pages;
}

function setUp(maxEntries = 1000) {
  const calls: string[] = [];
  const state = new MemoryState(testContracts, new MemoryTable(), (operation, moment) => {
    if (moment === 'before' && !operation.startsWith('put')) calls.push(operation);
  });
  const sealed = new SealedPages(state, maxEntries);
  const holds = async (bucket: Bucket, numbers: readonly number[]) => {
    const { ids } = await sealed.of(key, bucket);
    return numbers.map((number) => ids.find(entry(number)) !== undefined);
  };
  return { state, sealed, holds, calls };
}

describe('P2 what sealed pages hold', () => {
  it('is read once with one query, and then remembered', async () => {
    const { state, holds, calls } = setUp();
    const pages = await chainOf(state, 1, [1, 2, 3]);
    expect(await holds(bucketAt(1, pages[2]!), [1, 2, 3, 4])).toEqual([true, true, true, false]);
    expect(await holds(bucketAt(1, pages[2]!), [1, 2, 3, 4])).toEqual([true, true, true, false]);
    expect(calls).toEqual(['pages']);
  });

  it('grows by the pages that others have sealed since, read by their keys', async () => {
    const { state, holds, calls } = setUp();
    const pages = await chainOf(state, 1, [1, 2, 3, 4]);
    await holds(bucketAt(1, pages[1]!), []);
    expect(await holds(bucketAt(1, pages[3]!), [1, 2, 3, 4])).toEqual([true, true, true, true]);
    expect(calls).toEqual(['pages', 'page', 'page']);
  });

  it('grows by what this instance seals, without a read', async () => {
    const { state, sealed, holds, calls } = setUp();
    const pages = await chainOf(state, 1, [1, 2]);
    sealed.sealed(key, 1, pages[0]!);
    sealed.sealed(key, 1, pages[1]!);
    expect(await holds(bucketAt(1, pages[1]!), [1, 2])).toEqual([true, true]);
    expect(calls).toEqual([]);
  });

  it('of one epoch is nothing to another', async () => {
    const { state, sealed, holds } = setUp();
    const old = await chainOf(state, 1, [1, 2]);
    const rebuilt = await chainOf(state, 2, [3]);
    expect(await holds(bucketAt(1, old[1]!), [1, 2, 3])).toEqual([true, true, false]);
    expect(await holds(bucketAt(2, rebuilt[0]!), [1, 2, 3])).toEqual([false, false, true]);
    sealed.sealed(key, 2, {
      key: newPageKey(key, 2, '4'),
      prev: rebuilt[0]!.key,
      ids: entry(4),
      values: new Map(),
    });
    expect(await holds(bucketAt(1, old[1]!), [1, 2, 3, 4])).toEqual([true, true, false, false]);
  });

  it('does not take in pages that no chain names', async () => {
    const { state, holds } = setUp();
    const pages = await chainOf(state, 1, [1]);
    await chainOf(state, 1, [9]);
    expect(await holds(bucketAt(1, pages[0]!), [1, 9])).toEqual([true, false]);
  });

  it('is exactly what the asked chain holds, where another writer’s page won', async () => {
    const { state, sealed, holds } = setUp();
    const [first, lost] = await chainOf(state, 1, [1, 2]);
    await holds(bucketAt(1, first!), []);
    sealed.sealed(key, 1, lost!);
    const won = { key: newPageKey(key, 1, 'won'), prev: first!.key, ids: entry(3), values: new Map() };
    await state.putPage(key, won);
    expect(await holds(bucketAt(1, won), [1, 2, 3])).toEqual([true, false, true]);
  });

  it('is remembered even where one bucket alone is more than there is room for', async () => {
    const { state, holds, calls } = setUp(1);
    const pages = await chainOf(state, 1, [1, 2, 3]);
    for (const _ of [1, 2])
      expect(await holds(bucketAt(1, pages[2]!), [1, 2, 3])).toEqual([true, true, true]);
    expect(calls).toEqual(['pages']);
  });

  it('is forgotten, least recently used first, when it is too much, and read again', async () => {
    const { state, sealed, calls } = setUp(2);
    const [page] = await chainOf(state, 1, [1]);
    const others = ['a', 'b'].map((subject) => ({ ...key, subject }));
    for (const other of others) await state.putPage(other, page!);
    for (const each of [key, ...others]) await sealed.of(each, bucketAt(1, page!));
    await sealed.of(others[1]!, bucketAt(1, page!));
    expect(calls).toEqual(['pages', 'pages', 'pages']);
    expect((await sealed.of(key, bucketAt(1, page!))).ids.find(entry(1))).toBeDefined();
    expect(calls).toHaveLength(4);
  });

  it('is not made of a page alone whose chain was forgotten meanwhile', async () => {
    const { state, sealed, holds } = setUp(2);
    const pages = await chainOf(state, 1, [1, 2]);
    await holds(bucketAt(1, pages[0]!), []);
    const [other, page] = [{ ...key, subject: 'other' }, await chainOf(state, 1, [7, 8])];
    for (const each of page) await state.putPage(other, each);
    await sealed.of(other, bucketAt(1, page[1]!));
    sealed.sealed(key, 1, pages[1]!);
    expect(await holds(bucketAt(1, pages[1]!), [1, 2])).toEqual([true, true]);
  });

  it('holds values of unique meters as well, by meter and group', async () => {
    const { state, sealed } = setUp();
    const values = new Map([['users', new Map([['all', entry(5)]])]]);
    const first = { key: newPageKey(key, 1, 'a'), ids: entry(1), values };
    const second = { key: newPageKey(key, 1, 'b'), prev: first.key, ids: entry(2), values: new Map() };
    for (const page of [first, second]) await state.putPage(key, page);
    const held = (await sealed.of(key, bucketAt(1, second))).values;
    expect([...held.keys()]).toEqual([valuesKey('users', 'all')]);
    expect(held.get(valuesKey('users', 'all'))!.find(entry(5))).toBeDefined();
  });

  it('is nothing for a bucket that is new or has sealed none', async () => {
    const { sealed, calls } = setUp();
    expect((await sealed.of(key, undefined)).ids.size).toBe(0);
    expect((await sealed.of(key, newBucket(1, 1))).ids.size).toBe(0);
    expect(calls).toEqual([]);
  });
});
