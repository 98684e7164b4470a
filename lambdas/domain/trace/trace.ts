import type { BucketKey } from '../bucket.ts';

/** What is looked for. An event is who sent it under which id, so without tenant or source there may be several. */
export interface TraceQuestion {
  readonly id: string;
  readonly tenant?: string;
  readonly source?: string;
  /** Only what came with this request. */
  readonly receipt?: string;
  /** Arrivals, ms since the epoch; `toMs` exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly limits: TraceLimits;
}

export interface TraceLimits {
  /** Archive objects, the latest first. */
  readonly objects: number;
  /** Stored bytes of them. */
  readonly bytes: number;
  /** Whether no more may be begun. */
  readonly isOver: () => boolean;
}

/**
 * What became of one sending of an event.
 * - `counted`: the bucket holds it. Of several of one content, the first that was found.
 * - `duplicate`: the same came before, and was counted.
 * - `conflict`: the bucket holds this id with another content.
 * - `refused`: the projector could not count it, and kept it in quarantine.
 * - `quarantined`: it was kept in quarantine before the log.
 * - `waiting`: the projector has not come so far.
 * - `missing`: it was accepted, and is neither counted nor in quarantine.
 * - `unknown`: not counted, and what would say why was not read, or can't be.
 */
export type Fate =
  | 'counted'
  | 'duplicate'
  | 'conflict'
  | 'refused'
  | 'quarantined'
  | 'waiting'
  | 'missing'
  | 'unknown';

/** Why something was kept in quarantine. */
export interface Quarantine {
  readonly code: string;
  readonly fingerprint: string;
  readonly detail: string;
  readonly pointer?: string;
  readonly origin: string;
}

/** One time that the event came into the log. Times are RFC 3339, ms. */
export interface Sending {
  readonly fate: Fate;
  readonly shardId: string;
  readonly sequence: string;
  /** Among the events of its record. */
  readonly index: number;
  /** Where it is archived; absent of what is in the log only. */
  readonly object?: { readonly key: string; readonly versionId: string };
  /** When it was received, and when the log took it. */
  readonly at: string;
  readonly arrived: string;
  readonly producer: string;
  readonly receipt: string;
  readonly trace?: string;
  /** What sent it again. */
  readonly replay?: string;
  /** Its name in the log: of what was sent again, that of the first time. */
  readonly origin: string;
  readonly schema?: number;
  /** When it happened, by itself. */
  readonly time?: string;
  readonly bucket?: BucketKey;
  readonly quarantine?: Quarantine;
}

/** A bucket that the event belongs into, as it stands. */
export interface Standing {
  readonly key: BucketKey;
  /** Absent where there is no such bucket. */
  readonly head?: {
    readonly v: number;
    readonly epoch: number;
    readonly revision: number;
    readonly n: number;
  };
  /** Where its id is: in the head, or in this sealed page. Absent where it is in neither. */
  readonly held?: { readonly in: 'head' } | { readonly in: 'page'; readonly page: string };
  /** What keeps it from being read, in words. */
  readonly trouble?: string;
}

/** All that was found of one event. */
export interface Way {
  readonly tenant: string;
  /** Empty where what was sent names none. */
  readonly source: string;
  readonly id: string;
  /** The best that became of any of its sendings. */
  readonly outcome: Exclude<Fate, 'duplicate'>;
  /** In the log's order. */
  readonly sendings: readonly Sending[];
  readonly buckets: readonly Standing[];
}

/** What was read for an answer, and what was not. */
export interface Looked {
  /** RFC 3339, ms: arrivals. */
  readonly from: string;
  readonly to: string;
  /** Archive objects that may hold it, and how many of them were read. */
  readonly objects: number;
  readonly read: number;
  /** Keys of objects that are lost or damaged, each with what is wrong. */
  readonly damaged: readonly string[];
  /** Whether all of the log behind the archive was read. */
  readonly logRead: boolean;
  /** Whether nothing was left out. */
  readonly whole: boolean;
  /** Ranges of the log that the projector gave up and that wait to be repaired. @default - none */
  readonly repairs?: number;
  /** All that was acknowledged before is archived, and projected; absent where nothing can be said. */
  readonly archivedTo?: string;
  readonly projectedTo?: string;
}

export interface Trace {
  readonly id: string;
  readonly looked: Looked;
  readonly ways: readonly Way[];
}
