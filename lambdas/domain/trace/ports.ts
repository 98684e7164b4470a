import type { Contracts } from '../contract.ts';
import type { LogRecord } from '../log-record.ts';
import type { Shards } from '../manifest.ts';
import type { BucketStore, ManifestReader, ProjectorPasses } from '../recovery/ports.ts';
import type { ObjectRef } from '../recovery/run.ts';
import type { ProjectorProgress } from '../usage-reader.ts';

/** The log's end, for those who look for what is not archived yet. */
export interface LogTail {
  /**
   * Records of a shard after a sequence number, or from its beginning on, as far as the bounds of the reader go.
   * `whole`: there were no more.
   */
  after(
    shardId: string,
    sequence: string | undefined,
  ): Promise<{ readonly records: readonly LogRecord[]; readonly whole: boolean }>;
}

/** An archive object's lines, if it is what its manifest entry says; else what is wrong with it, in words. */
export type ReadObject = (
  object: ObjectRef,
) => Promise<{ readonly text: string } | { readonly kind: string; readonly detail: string }>;

/** All that a trace looks at. Nothing is written. */
export interface TracePorts {
  readonly contracts: Contracts;
  readonly manifest: Pick<ManifestReader, 'shards' | 'head' | 'entries'>;
  readonly readObject: ReadObject;
  readonly shards: Shards;
  readonly tail: LogTail;
  readonly passes: ProjectorPasses;
  /** What the projector gave up, which is not counted though it has passed it. */
  readonly repairs: Pick<ProjectorProgress, 'pendingRepairs'>;
  readonly buckets: Pick<BucketStore, 'find' | 'pages'>;
  /** Ms since the epoch. */
  readonly now: () => number;
  /** Told how many archive objects were read, and of how many. */
  readonly report?: (read: number, of: number) => void;
}
