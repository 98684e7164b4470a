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
import type { ManifestReader } from '../../lambdas/domain/recovery/ports.ts';

/** A manifest, for who writes it and who reads it. */
export interface TestedManifest {
  readonly store: ManifestStore;
  readonly reader: ManifestReader;
}

async function entriesOf(reader: ManifestReader, shardId: string, from?: string): Promise<ManifestEntry[]> {
  const entries: ManifestEntry[] = [];
  for await (const page of reader.entries(shardId, from)) entries.push(...page);
  return entries;
}

/** A shard's chain of this many entries: 91 to 100, 101 to 110, … */
async function chainOf(store: ManifestStore, shardId: string, length: number): Promise<ManifestEntry[]> {
  const first = entryAfter(undefined, shardId);
  let head = nextManifestHead(undefined, first);
  expect(await store.begin(first, head, [])).toBe(true);
  const entries = [first];
  while (entries.length < length) {
    const entry = entryAfter(head, shardId);
    const next = nextManifestHead(head, entry);
    expect(await store.append(entry, next, head)).toBe(true);
    entries.push(entry);
    head = next;
  }
  return entries;
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
      const { store, reader } = make();
      const shardId = randomUUID();
      expect(await store.head(shardId)).toBeUndefined();
      expect(await entriesOf(reader, shardId)).toEqual([]);
      const appended = await chainOf(store, shardId, 3);
      const head = await store.head(shardId);
      expect(head).toMatchObject({ objects: 3, records: 30, events: 75, bytes: 3702 });
      expect(head).toMatchObject({ last: '120', chain: appended[2]!.chain });
      expect(await reader.head(shardId)).toEqual(head);
      // 91 to 100, 101 to 110: by number, not by text.
      expect(await entriesOf(reader, shardId)).toEqual(appended);
    });

    it('keeps entries and heads that lack what need not be there', async () => {
      const { store, reader } = make();
      const shardId = randomUUID();
      const { times: _times, mark: _mark, ...entry } = entryAfter(undefined, shardId);
      const head = nextManifestHead(undefined, entry);
      expect(await store.begin(entry, head, [])).toBe(true);
      expect(await entriesOf(reader, shardId)).toEqual([entry]);
      expect(await store.head(shardId)).toEqual(head);
    });

    it('P4: lists every shard that has a chain, with its parents in their order', async () => {
      const { store, reader } = make();
      const [parent, other, child, rival] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
      await chainOf(store, parent, 2);
      await chainOf(store, other, 1);
      const entry = entryAfter(undefined, child);
      const parents = [parent, other].sort().reverse();
      await store.begin(entry, nextManifestHead(undefined, entry), parents);
      const late = entryAfter(undefined, child);
      expect(await store.begin(late, nextManifestHead(undefined, late), [])).toBe(false);
      const listed = new Map((await reader.shards()).map((shard) => [shard.shardId, shard.parents]));
      expect([parent, other, child, rival].map((shardId) => listed.get(shardId))).toEqual([
        [],
        [],
        parents,
        undefined,
      ]);
    });

    it('reads from the entry that holds a sequence number on, by number', async () => {
      const { store, reader } = make();
      const shardId = randomUUID();
      const entries = await chainOf(store, shardId, 40);
      const from = async (sequence: string) =>
        entries.length - (await entriesOf(reader, shardId, sequence)).length;
      expect([await from('1'), await from('91'), await from('100')]).toEqual([0, 0, 0]);
      expect([await from('101'), await from('110'), await from('111')]).toEqual([1, 1, 2]);
      expect([await from('490'), await from('491'), await from('1000')]).toEqual([39, 40, 40]);
      expect(await entriesOf(reader, shardId, '255')).toEqual(entries.slice(16));
    });

    it('finds an entry by its first sequence number', async () => {
      const { store, reader } = make();
      const shardId = randomUUID();
      const entries = await chainOf(store, shardId, 2);
      expect(await reader.entry(shardId, '101')).toEqual(entries[1]);
      expect(await reader.entry(shardId, '102')).toBeUndefined();
      expect(await reader.entry(randomUUID(), '101')).toBeUndefined();
    });

    it('P4, F14: writes neither entry nor head where the head has moved', async () => {
      const { store, reader } = make();
      const shardId = randomUUID();
      const first = entryAfter(undefined, shardId);
      const one = nextManifestHead(undefined, first);
      await store.begin(first, one, []);
      const second = entryAfter(one, shardId);
      const two = nextManifestHead(one, second);
      await store.append(second, two, one);
      const late = (seen: ManifestHead | undefined) =>
        entryAfter(seen, shardId, { first: '500', last: '509' });
      const again = late(undefined);
      expect(await store.begin(again, nextManifestHead(undefined, again), [])).toBe(false);
      const behind = late(one);
      expect(await store.append(behind, nextManifestHead(one, behind), one)).toBe(false);
      const elsewhere = randomUUID();
      const lost = entryAfter(two, elsewhere);
      expect(await store.append(lost, nextManifestHead(two, lost), two)).toBe(false);
      expect(await store.head(shardId)).toEqual(two);
      expect(await entriesOf(reader, shardId)).toEqual([first, second]);
      expect(await entriesOf(reader, elsewhere)).toEqual([]);
      expect((await reader.shards()).map((shard) => shard.shardId)).not.toContain(elsewhere);
    });

    it('P4: of several writers at once lets one win', async () => {
      const shardId = randomUUID();
      const { reader } = make();
      const rivals = [1, 2, 3, 4].map((number) => entryAfter(undefined, shardId, { events: number }));
      const begins = await Promise.allSettled(
        rivals.map((entry) => make().store.begin(entry, nextManifestHead(undefined, entry), [])),
      );
      // A store may refuse by throwing where two transactions meet: the batch comes again either way.
      const winners = rivals.filter((_, index) => {
        const begin = begins[index]!;
        return begin.status === 'fulfilled' && begin.value;
      });
      expect(winners).toHaveLength(1);
      expect(await entriesOf(reader, shardId)).toEqual(winners);
      expect((await reader.head(shardId))?.chain).toBe(winners[0]!.chain);
    });
  });
}
