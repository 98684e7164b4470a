import { describe, expect, it } from 'vitest';
import type { BucketKey, Page } from '../../lambdas/domain/bucket.ts';
import { newBucket } from '../../lambdas/domain/evolve.ts';
import { type Head, newPageKey } from '../../lambdas/domain/head-item.ts';
import type { StateStore } from '../../lambdas/domain/state-store.ts';
import type { UsageReader } from '../../lambdas/domain/usage-reader.ts';

/** A reader, and the store that fills what it reads. Contracts are those of `test/support/contracts.ts`. */
export interface TestedReader {
  readonly reader: UsageReader;
  readonly state: StateStore;
}

const INSTANT = '2026-11-21T07:00:00Z';

function headOf(key: BucketKey, n: number): Head {
  const bucket = {
    ...newBucket(1, 1),
    n,
    first: INSTANT,
    last: INSTANT,
    meters: new Map([['total', new Map([['all', { units: 1_500_000_000n * BigInt(n) }]])]]),
    open: Buffer.alloc(16 * n, n),
  };
  return { key, v: 1, bucket, upTo: 'shard:1', touched: 'touched' };
}

/** What every reader of usage must do. `tenant` keeps runs apart. */
export function describeUsageReaderContract(
  name: string,
  make: () => Promise<TestedReader>,
  tenant: string,
): void {
  const EVERYTHING = { first: '2026-11-21T00', last: '2026-11-21T23' };
  const keyOf = (subject: string, window: string, type = 'test.sum') => ({ tenant, subject, type, window });

  describe(`usage reader: ${name}`, () => {
    it('reads the heads of a range, both ends included, in order, and of nobody else', async () => {
      const { reader, state } = await make();
      const windows = ['2026-11-21T09', '2026-11-20T23', '2026-11-21T00', '2026-11-21T08', '2026-12-01T00'];
      for (const [n, window] of windows.entries())
        await state.putHead(headOf(keyOf('s#1', window), n + 1), undefined);
      await state.putHead(headOf(keyOf('s#12', '2026-11-21T00'), 9), undefined);
      await state.putHead(headOf(keyOf('s#1', '2026-11-21T00', 'test.groups'), 9), undefined);
      const range = {
        tenant,
        subject: 's#1',
        type: 'test.sum',
        first: '2026-11-20T23',
        last: '2026-11-21T08',
      };
      const { heads, cut } = await reader.heads(range, 1_000_000);
      expect(cut).toBe(false);
      expect(heads.map(({ key, bucket }) => [key.window, bucket.n])).toEqual([
        ['2026-11-20T23', 2],
        ['2026-11-21T00', 3],
        ['2026-11-21T08', 4],
      ]);
      expect(heads[0]!.key).toEqual(keyOf('s#1', '2026-11-20T23'));
      expect(heads[0]!.bucket.meters.get('total')?.get('all')).toEqual({ units: 3_000_000_000n });
    });

    it('reads the pages of one epoch, and no others', async () => {
      const { reader, state } = await make();
      const key = keyOf('pages', '2026-11-21T07');
      const pageOf = (epoch: number, random: string, of = key): Page => ({
        key: newPageKey(of, epoch, random),
        ids: Buffer.alloc(32, 1),
        values: new Map([['users', new Map([['all', Buffer.alloc(16, 7)]])]]),
      });
      const other = keyOf('pages', '2026-11-21T08');
      await state.putPage(key, pageOf(1, 'aa'));
      await state.putPage(key, pageOf(1, 'bb'));
      await state.putPage(key, pageOf(2, 'cc'));
      await state.putPage(other, pageOf(1, 'dd', other));
      const pages = await reader.pages(key, 1);
      expect(pages.map((page) => page.key).sort()).toEqual(
        ['aa', 'bb'].map((random) => newPageKey(key, 1, random)),
      );
      expect(pages[0]!.values.get('users')?.get('all')).toEqual(Buffer.alloc(16, 7));
    });

    it('stops when it has read enough, says so, and goes on from there', async () => {
      const { reader, state } = await make();
      const windows = Array.from({ length: 8 }, (_, hour) => `2026-11-21T0${hour}`);
      for (const window of windows) await state.putHead(headOf(keyOf('large', window), 18_000), undefined);
      const range = { tenant, subject: 'large', type: 'test.sum', ...EVERYTHING };
      const read: string[] = [];
      for (let first: string | undefined = windows[0]!; first !== undefined; ) {
        const { heads, cut } = await reader.heads({ ...range, first }, 500_000);
        expect(heads.length).toBeGreaterThan(0);
        expect(heads.length).toBeLessThan(8);
        read.push(...heads.map(({ key }) => key.window));
        first = cut ? windows[windows.indexOf(read.at(-1)!) + 1] : undefined;
      }
      expect(read).toEqual(windows);
      expect((await reader.heads(range, 100_000_000)).heads).toHaveLength(8);
    });

    it('reads more than fits one answer of the store', async () => {
      const { reader, state } = await make();
      const key = keyOf('many', '2026-11-21T07');
      for (let i = 0; i < 8; i++) {
        await state.putPage(key, {
          key: newPageKey(key, 1, `${i}`),
          ids: Buffer.alloc(160_000, i),
          values: new Map(),
        });
      }
      expect(await reader.pages(key, 1)).toHaveLength(8);
    });
  });
}
