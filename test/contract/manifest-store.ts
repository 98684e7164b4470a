import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  chainHash,
  chainStart,
  type ManifestEntry,
  type ManifestHead,
  type ManifestStore,
  nextManifestHead,
} from '../../lambdas/domain/manifest.ts';

/** A manifest store, and what it holds of a shard in the order of its sequence numbers. */
export interface TestedManifest {
  readonly store: ManifestStore;
  entries(shardId: string): Promise<readonly ManifestEntry[]>;
}

/** The next entry of a shard's chain, of ten records. */
function entryAfter(
  head: ManifestHead | undefined,
  shardId: string,
  more: Partial<ManifestEntry> = {},
): ManifestEntry {
  const first = String(BigInt(head?.last ?? '90') + 1n);
  const last = String(BigInt(first) + 9n);
  const sha256 = randomUUID();
  return {
    ...{ shardId, first, last, sha256, records: 10, events: 25, bytes: 1234, versionId: 'v1' },
    key: `archive/${shardId}/${first}-${last}`,
    arrived: { from: '2026-11-21T09:00:00.000Z', to: '2026-11-21T09:00:01.000Z' },
    times: { from: '2026-11-21T08:00:00.000Z', to: '2026-11-21T08:00:01.000Z' },
    ...{ tenants: ['acme', 'zoo'], types: 'many', fingerprints: [], mark: '2026-11-21T09:00:00.000Z' },
    chain: chainHash(head?.chain ?? chainStart(shardId, []), sha256, first, last, 10),
    ...more,
  };
}

/** What every manifest store must do. Shards are named afresh in each test. */
export function describeManifestStoreContract(name: string, make: () => TestedManifest): void {
  describe(`manifest store: ${name}`, () => {
    it('appends entries, and reads back the head', async () => {
      const { store, entries } = make();
      const shardId = randomUUID();
      expect(await store.head(shardId)).toBeUndefined();
      const appended: ManifestEntry[] = [];
      let head: ManifestHead | undefined;
      for (let i = 0; i < 3; i++) {
        const entry = entryAfter(head, shardId);
        const next = nextManifestHead(head, entry);
        expect(await store.append(entry, next, head)).toBe(true);
        head = await store.head(shardId);
        expect(head).toEqual(next);
        appended.push(entry);
      }
      expect(head).toMatchObject({ objects: 3, records: 30, events: 75, bytes: 3702 });
      // 91 to 100, 101 to 110: by number, not by text.
      expect(await entries(shardId)).toEqual(appended);
    });

    it('keeps entries and heads that lack what need not be there', async () => {
      const { store, entries } = make();
      const shardId = randomUUID();
      const { times: _times, mark: _mark, ...entry } = entryAfter(undefined, shardId);
      const head = nextManifestHead(undefined, entry);
      expect(await store.append(entry, head, undefined)).toBe(true);
      expect(await entries(shardId)).toEqual([entry]);
      expect(await store.head(shardId)).toEqual(head);
    });

    it('P4, F14: writes neither entry nor head where the head has moved', async () => {
      const { store, entries } = make();
      const shardId = randomUUID();
      const first = entryAfter(undefined, shardId);
      const one = nextManifestHead(undefined, first);
      await store.append(first, one, undefined);
      const second = entryAfter(one, shardId);
      const two = nextManifestHead(one, second);
      await store.append(second, two, one);
      for (const seen of [undefined, one]) {
        const late = entryAfter(seen, shardId, { first: '500', last: '509' });
        expect(await store.append(late, nextManifestHead(seen, late), seen)).toBe(false);
      }
      const elsewhere = randomUUID();
      const lost = entryAfter(two, elsewhere);
      expect(await store.append(lost, nextManifestHead(two, lost), two)).toBe(false);
      expect(await store.head(shardId)).toEqual(two);
      expect(await entries(shardId)).toEqual([first, second]);
      expect(await entries(elsewhere)).toEqual([]);
    });

    it('P4: of several writers at once lets one win', async () => {
      const shardId = randomUUID();
      const { store, entries } = make();
      const rivals = [1, 2, 3, 4].map((number) => entryAfter(undefined, shardId, { events: number }));
      const appends = await Promise.allSettled(
        rivals.map((entry) => make().store.append(entry, nextManifestHead(undefined, entry), undefined)),
      );
      // A store may refuse by throwing where two transactions meet: the batch comes again either way.
      const winners = rivals.filter((_, index) => {
        const append = appends[index]!;
        return append.status === 'fulfilled' && append.value;
      });
      expect(winners).toHaveLength(1);
      expect(await entries(shardId)).toEqual(winners);
      expect((await store.head(shardId))?.chain).toBe(winners[0]!.chain);
    });
  });
}
