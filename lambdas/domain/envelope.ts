import type { CloudEvent } from './cloudevent.ts';

/** Why authenticated input was not counted. The list is public: docs/design.md, "The log". */
export type QuarantineCode =
  | 'contract-violation'
  | 'invalid-cloudevent'
  | 'unknown-type'
  | 'unknown-schema-version'
  | 'type-not-granted'
  | 'time-missing'
  | 'time-invalid'
  | 'too-late'
  | 'too-early'
  | 'lone-surrogate'
  | 'number-out-of-range'
  | 'group-too-long'
  | 'too-many-groups'
  | 'no-revision'
  | 'conflict'
  | 'mapping-failed'
  | 'no-contract'
  | 'replayed-body'
  | 'undeliverable'
  | 'projection-failed';

/** Input that can't be counted, kept with its reason. */
export interface Quarantined {
  readonly code: QuarantineCode;
  /** One cause is one fingerprint: see `fingerprint.ts`. */
  readonly fingerprint: string;
  readonly detail: string;
  /** JSON Pointer (RFC 6901) into the event to what was wrong. */
  readonly pointer?: string;
  /** Receipt and index, or log position and index of what the projector refused: unique, and stable under retries. */
  readonly origin: string;
  readonly type?: string;
  readonly schema?: number;
  /** What was sent, as far as it is JSON. */
  readonly input: unknown;
}

/** An event that was accepted, with the version of its schema that validated it. */
export interface AcceptedEvent {
  readonly schema: number;
  readonly event: CloudEvent;
  /** On a replay: where in the log the event stood first, as `quarantine.origin` has it. */
  readonly origin?: string;
}

/** Numbers that the log has acknowledged, as closed ranges in rising order. */
export type Ranges = readonly (readonly [first: number, last: number])[];

interface EnvelopeBase {
  readonly v: 1;
  /** The writing instance, random at its start, and the number of this record among its records, from 1. */
  readonly iid: string;
  readonly n: number;
  readonly acked: Ranges;
  /** When it was received: RFC 3339, UTC, milliseconds. */
  readonly at: string;
  /** Code version that wrote it. */
  readonly build: string;
}

interface SentEnvelope extends EnvelopeBase {
  readonly tenant: string;
  readonly producer: string;
  readonly receipt: string;
  readonly trace?: string;
  /** The replay run that sent it again; absent on first sending. */
  readonly replay?: string;
}

export interface EventsEnvelope extends SentEnvelope {
  readonly events: readonly AcceptedEvent[];
}

export interface QuarantineEnvelope extends SentEnvelope {
  readonly quarantine: Quarantined;
}

/** Written to every open shard each minute: who has passed it has seen all that was acknowledged before `mark`. */
export interface MarkEnvelope extends EnvelopeBase {
  /** RFC 3339, UTC, milliseconds. */
  readonly mark: string;
}

export type Envelope = EventsEnvelope | QuarantineEnvelope | MarkEnvelope;

type Unnumbered<E> = Omit<E, 'v' | 'iid' | 'n' | 'acked' | 'build'>;

export type QuarantineDraft = Unnumbered<QuarantineEnvelope>;

/** An envelope before the log writer numbers it. */
export type Draft = Unnumbered<EventsEnvelope> | QuarantineDraft | Unnumbered<MarkEnvelope>;
