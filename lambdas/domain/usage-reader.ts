import type { BucketKey, Page } from './bucket.ts';
import type { Head } from './head-item.ts';
import type { Shard } from './manifest.ts';

/** Which buckets to read: those of one subject and type, in a range of windows. */
export interface HeadRange {
  readonly tenant: string;
  readonly subject: string;
  readonly type: string;
  /** Names of the first and the last window, both included. */
  readonly first: string;
  readonly last: string;
}

export interface HeadsRead {
  readonly heads: readonly Head[];
  /** Whether it stopped early: after the last of the heads there may be more. */
  readonly cut: boolean;
}

/** Buckets, for those who only read them. */
export interface UsageReader {
  /**
   * The heads of a range in the order of their windows, strongly consistent; without their open pages' ids. It stops
   * when it has read `maxBytes` or somewhat more of what is stored, but not before the first head.
   */
  heads(range: HeadRange, maxBytes: number): Promise<HeadsRead>;
  /** All pages of the bucket's epoch, strongly consistent; orphans of crashed writers too, in no order. */
  pages(key: BucketKey, epoch: number): Promise<readonly Page[]>;
}

/** How far the projector has come, as it notes it. */
export interface ProjectorProgress {
  shards(): Promise<readonly Shard[]>;
  /** The last mark passed by shard. */
  marks(): Promise<ReadonlyMap<string, string>>;
  /**
   * Ranges of the log that it gave up and that wait to be repaired. SQS's count: approximate, and it may lag behind by
   * about a minute (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html).
   */
  pendingRepairs(): Promise<number>;
}
