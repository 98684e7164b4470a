import type { BucketKey, Page } from './bucket.ts';
import type { Head } from './head-item.ts';

/** What a conditional write of a head came to: written, or refused with the head that stands there now. */
export type HeadWrite =
  | { readonly written: true }
  | { readonly written: false; readonly current: Head | undefined };

/**
 * Where buckets live. Every method may throw for reasons of the store's own (throttled, unreachable); a write that
 * threw may have happened or not.
 */
export interface StateStore {
  /** The heads of these buckets, undefined where there is none. May be stale: a stale head fails the write's condition. */
  heads(keys: readonly BucketKey[]): Promise<readonly (Head | undefined)[]>;
  /** All pages of the bucket's epoch, orphans of crashed writers too, in no order. May lack the newest. */
  pages(key: BucketKey, epoch: number): Promise<readonly Page[]>;
  /** One page by its key, read strongly. */
  page(key: BucketKey, pageKey: string): Promise<Page | undefined>;
  putPage(key: BucketKey, page: Page): Promise<void>;
  /** Writes the head if the stored one's version is `seen` (undefined: if there is none). */
  putHead(head: Head, seen: number | undefined): Promise<HeadWrite>;
}

/** Notes how far a consumer of the log has come. */
export interface Progress {
  /** The consumer has dealt with all of the shard up to this mark (RFC 3339) at this sequence number. */
  passed(shardId: string, mark: string, sequence: string): Promise<void>;
}

/** One example of each quarantine fingerprint, for people. */
export interface QuarantineSamples {
  /** Keeps the sample unless the fingerprint has one. */
  keep(sample: QuarantineSample): Promise<void>;
}

export interface QuarantineSample {
  readonly tenant: string;
  readonly fingerprint: string;
  readonly code: string;
  readonly detail: string;
  readonly pointer?: string;
  readonly producer: string;
  readonly type?: string;
  readonly schema?: number;
  /** When the first one was received, RFC 3339. */
  readonly first: string;
  readonly origin: string;
  readonly receipt: string;
  /** JSON text of what was sent, cut. */
  readonly input: string;
}
