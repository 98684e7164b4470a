import { expect, it } from 'vitest';
import { anchorChains } from '../../lambdas/anchor/anchor-chains.ts';
import type { ManifestHead } from '../../lambdas/domain/manifest.ts';
import { MemoryAnchors } from '../support/memory-runs.ts';

const clock = { now: () => Date.parse('2026-11-21T00:05:00Z') };
const head = (shardId: string): ManifestHead => ({
  ...{ shardId, last: '9', chain: `chain of ${shardId}`, objects: 1, records: 2, events: 3, bytes: 4 },
  mark: '2026-11-21T00:04:00.000Z',
});
const manifest = (ids: readonly string[], lost: readonly string[] = []) => ({
  shards: async () => ids.map((shardId) => ({ shardId, parents: [] })),
  head: async (shardId: string) => (lost.includes(shardId) ? undefined : head(shardId)),
});

it('writes down the end of every chain', async () => {
  const anchors = new MemoryAnchors();
  const ids = Array.from({ length: 45 }, (_, index) => `shardId-${index}`);
  expect(await anchorChains({ manifest: manifest(ids), anchors, clock })).toBe(45);
  expect(anchors.anchors.map(({ shardId }) => shardId).sort()).toEqual(ids.toSorted());
  expect(anchors.anchors[0]).toEqual({
    ...{ shardId: 'shardId-0', last: '9', chain: 'chain of shardId-0', objects: 1, records: 2, events: 3 },
    at: '2026-11-21T00:05:00.000Z',
  });
});

it('names the shards that it could not anchor, and anchors all others', async () => {
  const anchors = new MemoryAnchors();
  const ids = ['a', 'b', 'c', 'd'];
  const failing = Object.assign(Object.create(anchors), {
    write: (anchor: { shardId: string }) =>
      anchor.shardId === 'a' ? Promise.reject(new Error('refused')) : anchors.write(anchor as never),
  });
  await expect(anchorChains({ manifest: manifest(ids, ['c']), anchors: failing, clock })).rejects.toThrow(
    /no anchor was written of a, c/,
  );
  expect(anchors.anchors.map(({ shardId }) => shardId)).toEqual(['b', 'd']);
});
