import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ArchiveStore } from '../../lambdas/domain/manifest.ts';

/** An archive, and the bytes that stand under a key. */
export interface TestedArchive {
  readonly store: ArchiveStore;
  read(key: string): Promise<Buffer | undefined>;
}

/** What every archive must do. Keys are fresh in each test. */
export function describeArchiveStoreContract(name: string, make: () => TestedArchive): void {
  const freshKey = () => `archive/date=2026-11-21/hour=07/shard=${randomUUID()}/1-9-abc.ndjson.gz`;

  describe(`archive store: ${name}`, () => {
    it('keeps bytes as they are', async () => {
      const { store, read } = make();
      const key = freshKey();
      const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
      const { versionId } = await store.put(key, bytes);
      expect(versionId).not.toBe('');
      expect((await read(key))?.equals(bytes)).toBe(true);
      expect(await read(freshKey())).toBeUndefined();
    });

    it('F14: never writes over what is there, and says which version that is', async () => {
      const { store, read } = make();
      const key = freshKey();
      const first = await store.put(key, Buffer.from('first'));
      expect(await store.put(key, Buffer.from('second'))).toEqual(first);
      expect(await make().store.put(key, Buffer.from('third'))).toEqual(first);
      expect((await read(key))?.toString()).toBe('first');
    });
  });
}
