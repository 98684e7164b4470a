import type { BucketKey } from '../bucket.ts';

/**
 * What the first stage makes of archive objects for the second: each event goes to the partition of its bucket, so that
 * one fold sees all of one bucket, and holds no more than its partition at once, whatever the archive's size.
 */
export type ShuffleLine = EventLine | RefusedLine | BucketLine | AckLine | IdentityLine;

/** An accepted event or a piece of quarantine, as far as it is counted. */
export interface EventLine {
  readonly kind: 'event';
  readonly key: BucketKey;
  readonly source: string;
  readonly id: string;
  /** Canonical instant. */
  readonly instant: string;
  readonly data: unknown;
  /** Where it stands: archive object, shard, record, index in the envelope. */
  readonly object: string;
  readonly shardId: string;
  readonly sequence: string;
  readonly index: number;
  /** Its name in the log, as the projector has it in `Place.origin`: of a replayed event, that of the first sending. */
  readonly origin: string;
  /** What sent it again: a replay, a repair or a redrive, by its name in the envelope. Absent of a first sending. */
  readonly replay?: string;
}

/** The projector refused this sending of the event of this origin, and said so in quarantine. */
export interface RefusedLine {
  readonly kind: 'refused';
  readonly key: BucketKey;
  readonly origin: string;
  /** As in the event's line. */
  readonly replay?: string;
  readonly code: string;
}

/** There is a bucket of this key in state. */
export interface BucketLine {
  readonly kind: 'bucket';
  readonly key: BucketKey;
}

/** Numbers of one writing instance: those in one object, and those that its envelopes say are acknowledged. */
export interface AckLine {
  readonly kind: 'ack';
  readonly iid: string;
  readonly object: string;
  readonly seen: readonly (readonly [first: number, last: number])[];
  readonly acked: readonly (readonly [first: number, last: number])[];
  /** The least number seen in it from which on none may be missing. Before the range's beginning, nothing is known. */
  readonly judgedFrom?: number;
}

/** An identity and the bucket that it is in, to find one in two buckets. */
export interface IdentityLine {
  readonly kind: 'identity';
  /** 24 hex digits. */
  readonly identity: string;
  readonly key: BucketKey;
  readonly origin: string;
}
