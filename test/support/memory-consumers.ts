import type {
  ArchiveStore,
  ManifestEntry,
  ManifestHead,
  ManifestStore,
  Shard,
  Shards,
} from '../../lambdas/domain/manifest.ts';
import type { Progress, QuarantineSample, QuarantineSamples } from '../../lambdas/domain/state-store.ts';
import type { Around } from './memory-state.ts';

export class MemoryProgress implements Progress {
  /** By shard. */
  readonly passes = new Map<string, { readonly mark: string; readonly sequence: string }>();

  async passed(shardId: string, mark: string, sequence: string): Promise<void> {
    if ((this.passes.get(shardId)?.mark ?? '') < mark) this.passes.set(shardId, { mark, sequence });
  }
}

export class MemorySamples implements QuarantineSamples {
  readonly samples = new Map<string, QuarantineSample>();

  async keep(sample: QuarantineSample): Promise<void> {
    const name = `${sample.tenant} ${sample.fingerprint}`;
    if (!this.samples.has(name)) this.samples.set(name, sample);
  }
}

export class MemoryArchive implements ArchiveStore {
  readonly objects = new Map<string, Uint8Array>();
  readonly #around: Around;

  constructor(around: Around = () => {}, objects = new Map<string, Uint8Array>()) {
    this.#around = around;
    this.objects = objects;
  }

  async put(key: string, bytes: Uint8Array): Promise<{ readonly versionId: string }> {
    await this.#around('put', 'before');
    if (!this.objects.has(key)) this.objects.set(key, bytes);
    await this.#around('put', 'after');
    return { versionId: `version of ${key}` };
  }
}

export class MemoryManifest implements ManifestStore {
  readonly entries: ManifestEntry[];
  readonly heads: Map<string, ManifestHead>;
  readonly #around: Around;

  constructor(
    around: Around = () => {},
    of: Pick<MemoryManifest, 'entries' | 'heads'> = { entries: [], heads: new Map() },
  ) {
    this.#around = around;
    this.entries = of.entries;
    this.heads = of.heads;
  }

  async head(shardId: string): Promise<ManifestHead | undefined> {
    await this.#around('head', 'before');
    const head = this.heads.get(shardId);
    await this.#around('head', 'after');
    return head;
  }

  async append(entry: ManifestEntry, head: ManifestHead, seen: ManifestHead | undefined): Promise<boolean> {
    await this.#around('append', 'before');
    const unchanged = this.heads.get(entry.shardId)?.chain === seen?.chain;
    if (unchanged) {
      this.entries.push(entry);
      this.heads.set(entry.shardId, head);
    }
    await this.#around('append', 'after');
    return unchanged;
  }
}

export class MemoryShards implements Shards {
  readonly shards: readonly Shard[];

  constructor(shards: readonly Shard[]) {
    this.shards = shards;
  }

  async list(): Promise<readonly Shard[]> {
    return this.shards;
  }
}
