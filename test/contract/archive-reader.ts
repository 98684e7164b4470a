import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ArchiveReader } from '../../lambdas/domain/recovery/ports.ts';

/** A reader of the archive, and what a test does to the archive behind its back. */
export interface TestedArchiveReader {
  readonly reader: ArchiveReader;
  /** Puts a version, whatever is there, and says its id. */
  put(key: string, bytes: Buffer, storageClass?: 'STANDARD' | 'GLACIER_IR' | 'DEEP_ARCHIVE'): Promise<string>;
  /** Takes a version away for good. */
  removeVersion(key: string, versionId: string): Promise<void>;
  /** What was asked to be restored is ready. */
  finishRestoring(): Promise<void>;
}

/** What every reader of the archive must do. Keys are fresh in each test. */
export function describeArchiveReaderContract(name: string, make: () => TestedArchiveReader): void {
  const freshKey = () => `archive/date=2026-11-21/hour=07/shard=${randomUUID()}/1-9-abc.ndjson.gz`;
  const textOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('latin1');

  describe(`archive reader: ${name}`, () => {
    it('reads bytes as they are, in the version asked for', async () => {
      const { reader, put } = make();
      const key = freshKey();
      const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
      const first = await put(key, bytes);
      const second = await put(key, Buffer.from('put over it'));
      expect(Buffer.from((await reader.get(key, first))!).equals(bytes)).toBe(true);
      expect(textOf(await reader.get(key, second))).toBe('put over it');
    });

    it('P4: reads the present version where the one asked for is gone', async () => {
      const { reader, put, removeVersion } = make();
      const key = freshKey();
      const gone = await put(key, Buffer.from('first'));
      await put(key, Buffer.from('second'));
      await removeVersion(key, gone);
      expect(textOf(await reader.get(key, gone))).toBe('second');
      expect(await reader.look(key, gone)).toMatchObject({ readable: true });
      expect(textOf(await reader.get(key, 'no-version'))).toBe('second');
    });

    it('F1: says of an object that is gone that there is none', async () => {
      const { reader, put, removeVersion } = make();
      const key = freshKey();
      const gone = await put(key, Buffer.from('first'));
      await removeVersion(key, gone);
      expect(await reader.get(key, gone)).toBeUndefined();
      expect(await reader.look(key, gone)).toBeUndefined();
      await reader.restore(key, gone, 'bulk', 7);
    });

    it('says where an object is, and whether it can be read', async () => {
      const { reader, put } = make();
      const [hot, cool] = [freshKey(), freshKey()];
      const [one, two] = [await put(hot, Buffer.from('a')), await put(cool, Buffer.from('b'), 'GLACIER_IR')];
      const readable = { readable: true, restoring: false };
      expect(await reader.look(hot, one)).toEqual({ storageClass: 'STANDARD', ...readable });
      expect(await reader.look(cool, two)).toEqual({ storageClass: 'GLACIER_IR', ...readable });
    });

    it('restores what is in a cold tier, however often it is asked', async () => {
      const { reader, put, finishRestoring } = make();
      const key = freshKey();
      const version = await put(key, Buffer.from('cold'), 'DEEP_ARCHIVE');
      const cold = { storageClass: 'DEEP_ARCHIVE', readable: false, restoring: false };
      expect(await reader.look(key, version)).toEqual(cold);
      await expect(reader.get(key, version)).rejects.toThrow();
      for (let time = 0; time < 2; time++) await reader.restore(key, version, 'standard', 7);
      await finishRestoring();
      expect(await reader.look(key, version)).toEqual({ ...cold, readable: true });
      expect(textOf(await reader.get(key, version))).toBe('cold');
    });

    it('does not hide that an object needs no restoring', async () => {
      const { reader, put } = make();
      const key = freshKey();
      const version = await put(key, Buffer.from('hot'));
      await expect(reader.restore(key, version, 'standard', 7)).rejects.toThrow();
    });
  });
}
