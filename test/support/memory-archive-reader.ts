import type { ArchiveReader, StoredObject } from '../../lambdas/domain/recovery/ports.ts';

/**
 * Reads the objects of a `MemoryArchive` (whose versions are all the present ones), and what a test puts in their way:
 * versions that are not the present one, cold tiers, objects that are gone.
 */
export class MemoryArchiveReader implements ArchiveReader {
  readonly #objects: ReadonlyMap<string, Uint8Array>;
  /** Versions by `<key> <versionId>`, where they are not the present bytes. */
  readonly versions = new Map<string, Uint8Array>();
  /** Storage class by key, where it is not `STANDARD`. */
  readonly classes = new Map<string, string>();
  /** Keys whose copies are ready. A test moves them here from `restoring`. */
  readonly restored = new Set<string>();
  readonly restoring = new Set<string>();
  /** Every call of `restore`. */
  readonly asked: { readonly key: string; readonly tier: string; readonly days: number }[] = [];

  constructor(objects: ReadonlyMap<string, Uint8Array>) {
    this.#objects = objects;
  }

  async get(key: string, versionId: string): Promise<Uint8Array | undefined> {
    const bytes = this.#bytes(key, versionId);
    if (bytes && !this.#isReadable(key)) throw new Error(`InvalidObjectState: ${key} is in a cold tier`);
    return bytes;
  }

  async look(key: string, versionId: string): Promise<StoredObject | undefined> {
    if (!this.#bytes(key, versionId)) return undefined;
    return {
      storageClass: this.classes.get(key) ?? 'STANDARD',
      readable: this.#isReadable(key),
      restoring: this.restoring.has(key),
    };
  }

  async restore(key: string, versionId: string, tier: 'standard' | 'bulk', days: number): Promise<void> {
    this.asked.push({ key, tier, days });
    if (!this.#bytes(key, versionId)) return;
    if (!this.#isCold(key)) throw new Error(`InvalidObjectState: ${key} is not in a cold tier`);
    if (!this.restored.has(key)) this.restoring.add(key);
  }

  /** What was asked for is ready. */
  finishRestoring(): void {
    for (const key of this.restoring) this.restored.add(key);
    this.restoring.clear();
  }

  #bytes(key: string, versionId: string): Uint8Array | undefined {
    return this.versions.get(`${key} ${versionId}`) ?? this.#objects.get(key);
  }

  #isCold(key: string): boolean {
    return ['GLACIER', 'DEEP_ARCHIVE'].includes(this.classes.get(key) ?? '');
  }

  #isReadable(key: string): boolean {
    return !this.#isCold(key) || this.restored.has(key);
  }
}
