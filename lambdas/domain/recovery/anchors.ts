import type { ManifestHead } from '../manifest.ts';

/** Where a shard's chain ended at some time, kept where nobody can change it. */
export interface Anchor
  extends Pick<ManifestHead, 'shardId' | 'last' | 'chain' | 'objects' | 'records' | 'events'> {
  /** RFC 3339, ms. */
  readonly at: string;
}

/** Anchors, under Object Lock. Days are of UTC, `YYYY-MM-DD`. */
export interface Anchors {
  write(anchor: Anchor): Promise<void>;
  /**
   * Every anchor of these days (inclusive; without them all that there are), in the order of days. Also those that
   * somebody wrote another over, or deleted: under Object Lock nothing goes, it is only covered up.
   */
  read(from?: string, to?: string): AsyncIterable<readonly Anchor[]>;
}
