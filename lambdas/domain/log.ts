import type { Draft } from './envelope.ts';

/** One envelope to write, and where. */
export interface LogEntry {
  readonly draft: Draft;
  /** See `partition-key.ts`; what shares a key stays in one shard. At most 256 characters. */
  readonly partitionKey: string;
  /** A decimal number below 2^128 that takes the place of the key's hash: for marks, which are meant for one shard. */
  readonly explicitHashKey?: string;
}

/** The log, for those who write to it. */
export interface LogWriter {
  /**
   * Writes the drafts and says of each whether the log has acknowledged the whole of it. `false` means "not known to be
   * there": after a timeout it may be, and whoever sends it again relies on being counted once (P2). Never rejects for a
   * failure of the log.
   * @param deadline Milliseconds since the epoch after which nothing is retried and nothing is waited for.
   */
  publish(entries: readonly LogEntry[], deadline: number): Promise<readonly boolean[]>;
}
