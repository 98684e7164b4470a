import type { Digest } from './digest.ts';
import type { EntryTable } from './entry-table.ts';
import type { Part } from './measure.ts';

/** Which bucket: all that happened to one subject, of one type, in one window. */
export interface BucketKey {
  readonly tenant: string;
  readonly subject: string;
  readonly type: string;
  /** Name of the window, as `windowOf` gives it. */
  readonly window: string;
}

/** One meter's aggregate of one group. */
export interface Aggregated {
  /** In units of the meter's scale; for `count` and `unique` a plain count. */
  readonly units: bigint;
  /** For `latest`: whose value it is, as `<instant>|<identity, 24 hex digits>`. */
  readonly of?: string;
}

/** Meter name → group → something. */
export type ByMeter<T> = ReadonlyMap<string, ReadonlyMap<string, T>>;

/** A bucket's state, without what storage adds to it. It is a value: `evolve` makes a new one. */
export interface Bucket {
  /** Rises when recovery rewrites the bucket; its pages are of the same epoch. */
  readonly epoch: number;
  /** The contract revision that it is counted by, from 1. */
  readonly revision: number;
  /** Distinct events. */
  readonly n: number;
  readonly meters: ByMeter<Aggregated>;
  readonly digest: Digest;
  /** Canonical instants of the earliest and the latest event. */
  readonly first: string;
  readonly last: string;
  /** Id entries that no page holds yet. */
  readonly open: Buffer;
  /** Hashes of values of `unique` meters that no page holds yet. */
  readonly openValues: ByMeter<Buffer>;
  /** Sort key of the last sealed page. */
  readonly tail?: string;
}

/** A sealed page: written once under a key of its own, never changed. */
export interface Page {
  readonly key: string;
  /** The page sealed before it. */
  readonly prev?: string;
  readonly ids: Buffer;
  readonly values: ByMeter<Buffer>;
}

/** What the sealed pages of a bucket hold, for look-ups. */
export interface Sealed {
  readonly ids: EntryTable;
  /** By {@link valuesKey}. */
  readonly values: ReadonlyMap<string, EntryTable>;
}

export function valuesKey(meter: string, group: string): string {
  return `${meter} ${group}`;
}

/** An event made ready to be counted in its bucket. */
export interface Measured {
  /** SHA-256 of (tenant, source, id); its first twelve bytes are the event's identity in state. */
  readonly identity: Buffer;
  /** SHA-256 of identity and billed content. */
  readonly digest: Buffer;
  /** Canonical instant. */
  readonly instant: string;
  readonly parts: readonly Part[];
}

/** What became of an event in its bucket. */
export type Verdict = 'counted' | 'duplicate' | 'conflict' | 'too-many-groups';
