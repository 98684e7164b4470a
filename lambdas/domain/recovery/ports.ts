import type { BucketKey, Page } from '../bucket.ts';
import type { Head, Item } from '../head-item.ts';
import type { ManifestEntry, ManifestHead } from '../manifest.ts';
import type { HeadWrite } from '../state-store.ts';
import type { Run } from './run.ts';

/** A shard that has a manifest. */
export interface ArchivedShard {
  readonly shardId: string;
  /** The shards whose chains its own began with, in the log's order. */
  readonly parents: readonly string[];
}

/** Manifests, for those who read them. Strongly consistent. */
export interface ManifestReader {
  shards(): Promise<readonly ArchivedShard[]>;
  head(shardId: string): Promise<ManifestHead | undefined>;
  /** The entries in the chain's order, in pages; from the one that holds `from` on, if it is given. */
  entries(shardId: string, from?: string): AsyncIterable<readonly ManifestEntry[]>;
  /** The entry whose first sequence number this is. */
  entry(shardId: string, first: string): Promise<ManifestEntry | undefined>;
}

/** Where an object is, as S3 says. */
export interface StoredObject {
  readonly storageClass: string;
  /** Whether it can be read now. */
  readonly readable: boolean;
  readonly restoring: boolean;
}

/** Archive objects, for those who read them. */
export interface ArchiveReader {
  /** The object's bytes in this version, or, where that is gone, in the present one; undefined where there is none. */
  get(key: string, versionId: string): Promise<Uint8Array | undefined>;
  look(key: string, versionId: string): Promise<StoredObject | undefined>;
  /** Asks for a copy that can be read for `days`. Asking again is harmless. */
  restore(key: string, versionId: string, tier: 'standard' | 'bulk', days: number): Promise<void>;
}

/** A run's files. Names are those of `runFiles`. */
export interface RunFiles {
  put(requestId: string, name: string, bytes: Uint8Array): Promise<void>;
  /** Writes it unless it is there. Says whether it was written. */
  putNew(requestId: string, name: string, bytes: Uint8Array): Promise<boolean>;
  get(requestId: string, name: string): Promise<Buffer | undefined>;
  /** Some of its bytes: from `start` (from the end where negative), `length` of them. */
  getPart(requestId: string, name: string, start: number, length: number): Promise<Buffer | undefined>;
  /** Names that begin with `prefix`, in order. */
  list(requestId: string, prefix: string): Promise<readonly string[]>;
}

/** The runs that there are. */
export interface Runs {
  find(requestId: string): Promise<Run | undefined>;
  /** Writes a run that is new, or says which one is there. */
  add(run: Run): Promise<Run | undefined>;
  /** Begins another attempt if the present one is `attempt` still; says whether it did. */
  begin(requestId: string, attempt: number, startedAt: string): Promise<boolean>;
  /**
   * Changes what is given of this attempt, and says whether it did. A status is changed only of a run that is running:
   * of those who bring it to an end at the same moment the first one does.
   */
  update(
    requestId: string,
    attempt: number,
    changes: Partial<Pick<Run, 'status' | 'execution' | 'plan' | 'result' | 'error' | 'endedAt'>>,
  ): Promise<boolean>;
  /** All runs, those that were begun last first, some at a time: stop when you have seen enough. */
  latest(): AsyncIterable<readonly Run[]>;
}

/** What has happened with a run: who, when, why, what. Written once, never changed. */
export interface AuditEntry {
  readonly requestId: string;
  readonly attempt: number;
  readonly what: 'started' | 'resumed' | 'cancelled' | 'finished' | 'failed' | 'anchored' | 'repaired';
  /** RFC 3339, ms. */
  readonly at: string;
  readonly operator: string;
  readonly reason: string;
  /** The request as it was given, or the result. */
  readonly detail: unknown;
}

export interface Audit {
  append(entry: AuditEntry): Promise<void>;
  /** Of one run, in the order of time. */
  of(requestId: string): Promise<readonly AuditEntry[]>;
}

/** A bucket as stored, read as far as it can be. */
export interface FoundBucket {
  /** As it was read, to be kept as the way back. */
  readonly item: Item;
  /** The stored version, if it is one: what a rewrite is conditional on. */
  readonly v: number | undefined;
  readonly head?: Head;
  /** Why there is no head: an item that this code did not write, a revision that this build doesn't have. */
  readonly damage?: string;
}

/** Buckets, for recovery. All reads are strongly consistent. */
export interface BucketStore {
  find(keys: readonly BucketKey[]): Promise<readonly (FoundBucket | undefined)[]>;
  pages(key: BucketKey, epoch: number): Promise<readonly Page[]>;
  putPage(key: BucketKey, page: Page): Promise<void>;
  /** Puts the head where it is still what was read: of this version, without one, or not there (`undefined` found). */
  replace(head: Head, seen: FoundBucket | undefined): Promise<HeadWrite>;
  /** Keeps a copy of a head that is about to be replaced, by its epoch. Keeping it again is harmless. */
  keep(key: BucketKey, epoch: number, item: Item): Promise<void>;
  kept(key: BucketKey, epoch: number): Promise<FoundBucket | undefined>;
}

/** The arrival index: keys of buckets that were touched, by `touchedKey`. Eventually consistent. */
export interface TouchedIndex {
  buckets(touched: string): AsyncIterable<readonly BucketKey[]>;
}

/** How far a consumer of the log has noted that it has come on a shard. */
export interface Passed {
  /** The last mark passed, RFC 3339, ms. */
  readonly mark: string;
  readonly sequence: string;
}

/** What the projector has noted, by shard. Strongly consistent. */
export interface ProjectorPasses {
  read(): Promise<ReadonlyMap<string, Passed>>;
}

/** Everybody who has credentials or webhooks, in no order, some maybe several times. */
export interface Tenants {
  list(): AsyncIterable<readonly string[]>;
}
