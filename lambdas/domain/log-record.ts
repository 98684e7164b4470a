import type { Envelope } from './envelope.ts';

/** A record as the log hands it out. */
export interface LogRecord {
  readonly shardId: string;
  /** Decimal integer of some 56 digits; compare with {@link compareSequences}. */
  readonly sequence: string;
  /** When the log took it, ms since the epoch. */
  readonly arrivedMs: number;
  readonly data: Buffer;
}

/** Orders sequence numbers as the integers that they are: negative where `a` is the earlier. */
export function compareSequences(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The record's envelope, or undefined where it is none of this version. */
export function decodeEnvelope(data: Buffer): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(data.toString('utf8'));
    return isEnvelope(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null) return false;
  const envelope = value as Record<string, unknown>;
  if (envelope.v !== 1 || typeof envelope.iid !== 'string' || typeof envelope.at !== 'string') return false;
  if (typeof envelope.mark === 'string') return true;
  if (typeof envelope.tenant !== 'string' || typeof envelope.producer !== 'string') return false;
  const quarantine = envelope.quarantine as Record<string, unknown> | undefined;
  if (quarantine !== undefined) {
    return typeof quarantine?.fingerprint === 'string' && typeof quarantine.origin === 'string';
  }
  return Array.isArray(envelope.events);
}
