import type { AcceptedEvent, Envelope } from './envelope.ts';
import { parseInstant } from './instant.ts';

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

/**
 * The record's envelope, or undefined where it is none of this version. Whatever is read of an envelope later is
 * checked here, so that no record of a broken writer can stop a consumer.
 */
export function decodeEnvelope(data: Buffer): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(data.toString('utf8'));
    return isEnvelope(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

type Json = Readonly<Record<string, unknown>>;

function isEnvelope(value: unknown): value is Envelope {
  if (!isObject(value) || value.v !== 1 || !areTexts(value, 'iid', 'at')) return false;
  if (parseInstant(value.at as string) === undefined) return false;
  if (value.mark !== undefined) return typeof value.mark === 'string' && MARK.test(value.mark);
  if (!areTexts(value, 'tenant', 'producer', 'receipt') || !mayBeTexts(value, 'trace', 'replay'))
    return false;
  if (value.quarantine !== undefined) return isQuarantined(value.quarantine);
  return Array.isArray(value.events) && value.events.every(isAccepted);
}

/** Marks are compared as text, which only one form allows. */
const MARK = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

export function isAccepted(value: unknown): value is AcceptedEvent {
  if (!isObject(value) || typeof value.schema !== 'number' || !mayBeTexts(value, 'origin')) return false;
  const { event } = value;
  return isObject(event) && areTexts(event, 'id', 'source', 'type', 'subject') && mayBeTexts(event, 'time');
}

function isQuarantined(value: unknown): boolean {
  return (
    isObject(value) &&
    areTexts(value, 'code', 'fingerprint', 'detail', 'origin') &&
    mayBeTexts(value, 'pointer', 'type') &&
    (value.schema === undefined || typeof value.schema === 'number')
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function areTexts(value: Json, ...names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === 'string');
}

function mayBeTexts(value: Json, ...names: readonly string[]): boolean {
  return names.every((name) => value[name] === undefined || typeof value[name] === 'string');
}
