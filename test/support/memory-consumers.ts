import { compareSequences } from '../../lambdas/domain/log-record.ts';
import type {
  ArchiveStore,
  ManifestEntry,
  ManifestHead,
  ManifestStore,
  Shard,
  Shards,
} from '../../lambdas/domain/manifest.ts';
import type {
  ArchivedShard,
  ManifestReader,
  Passed,
  ProjectorPasses,
  Tenants,
} from '../../lambdas/domain/recovery/ports.ts';
import type { Progress, QuarantineSample, QuarantineSamples } from '../../lambdas/domain/state-store.ts';
import type { Around } from './memory-state.ts';

export class MemoryProgress implements Progress, ProjectorPasses {
  /** By shard. */
  readonly passes = new Map<string, { readonly mark: string; readonly sequence: string }>();

  async passed(shardId: string, mark: string, sequence: string): Promise<void> {
    if ((this.passes.get(shardId)?.mark ?? '') < mark) this.passes.set(shardId, { mark, sequence });
  }

  async read(): Promise<ReadonlyMap<string, Passed>> {
    return new Map(this.passes);
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
  /** Parents by shard, of those that have a manifest. */
  readonly shards: Map<string, readonly string[]>;
  /** Called when somebody begins to read a shard's entries. */
  onWalk: (shardId: string) => void = () => {};
  readonly #around: Around;

  constructor(
    around: Around = () => {},
    of: Pick<MemoryManifest, 'entries' | 'heads' | 'shards'> = {
      entries: [],
      heads: new Map(),
      shards: new Map(),
    },
  ) {
    this.#around = around;
    this.entries = of.entries;
    this.heads = of.heads;
    this.shards = of.shards;
  }

  async head(shardId: string): Promise<ManifestHead | undefined> {
    await this.#around('head', 'before');
    const head = this.heads.get(shardId);
    await this.#around('head', 'after');
    return head;
  }

  async begin(entry: ManifestEntry, head: ManifestHead, parents: readonly string[]): Promise<boolean> {
    return this.#write(entry, head, undefined, parents);
  }

  async append(entry: ManifestEntry, head: ManifestHead, seen: ManifestHead): Promise<boolean> {
    return this.#write(entry, head, seen);
  }

  async #write(
    entry: ManifestEntry,
    head: ManifestHead,
    seen: ManifestHead | undefined,
    parents?: readonly string[],
  ): Promise<boolean> {
    await this.#around('append', 'before');
    const unchanged = this.heads.get(entry.shardId)?.chain === seen?.chain;
    if (unchanged) {
      this.entries.push(entry);
      this.heads.set(entry.shardId, head);
      if (parents) this.shards.set(entry.shardId, parents);
    }
    await this.#around('append', 'after');
    return unchanged;
  }
}

/** Reads what a manifest in memory holds, in pages of a few entries. */
export class MemoryManifestReader implements ManifestReader {
  readonly #of: MemoryManifest;
  readonly #pageSize: number;

  constructor(of: MemoryManifest, pageSize = 3) {
    this.#of = of;
    this.#pageSize = pageSize;
  }

  async shards(): Promise<readonly ArchivedShard[]> {
    return [...this.#of.shards]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([shardId, parents]) => ({ shardId, parents }));
  }

  async head(shardId: string): Promise<ManifestHead | undefined> {
    return this.#of.heads.get(shardId);
  }

  async *entries(shardId: string, from = '0'): AsyncGenerator<readonly ManifestEntry[]> {
    this.#of.onWalk(shardId);
    const entries = this.#of.entries
      .filter((entry) => entry.shardId === shardId && compareSequences(entry.last, from) >= 0)
      .sort((a, b) => compareSequences(a.first, b.first));
    for (let at = 0; at < entries.length; at += this.#pageSize) yield entries.slice(at, at + this.#pageSize);
  }

  async entry(shardId: string, first: string): Promise<ManifestEntry | undefined> {
    return this.#of.entries.find((entry) => entry.shardId === shardId && entry.first === first);
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

export class MemoryTenants implements Tenants {
  /** One for each producer and webhook that a tenant has. */
  readonly names: string[] = [];

  async *list(): AsyncGenerator<readonly string[]> {
    for (let at = 0; at < this.names.length; at += 2) yield this.names.slice(at, at + 2);
  }
}
