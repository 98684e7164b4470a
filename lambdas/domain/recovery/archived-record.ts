import type { AcceptedEvent, Envelope, EventsEnvelope, QuarantineEnvelope } from '../envelope.ts';
import { decodeEnvelope } from '../log-record.ts';
import { hasTellingNumbers, readExactly } from '../read-json.ts';

/** A record of the log as its archive object has it, to be written to the log once more. */
export interface ArchivedRecord {
  readonly shardId: string;
  readonly sequence: string;
  /** RFC 3339, ms: when the log took it. */
  readonly arrived: string;
  /** Undefined where the record holds no envelope. Its numbers are as `JSON.parse` reads them. */
  readonly envelope: Envelope | undefined;
  /** The record's own text. */
  readonly text: string;
  /** The record's bytes, where it was archived as such. */
  readonly base64?: string;
}

/** As `archiveLines` begins a line. */
const START = /^\{"seq":"(\d{1,64})","arrived":"([^"]{20,30})","(envelope|base64)":/;

/** What a line says of its record. */
export interface LineStart extends Pick<ArchivedRecord, 'sequence' | 'arrived'> {
  readonly kind: 'envelope' | 'base64';
  /** Characters before the record itself. */
  readonly length: number;
}

/** Undefined for a line that `archive` does not write. It does not read the record itself. */
export function startOfLine(line: string): LineStart | undefined {
  const start = START.exec(line);
  if (!start || !line.endsWith('}')) return undefined;
  const [{ length }, sequence, arrived, kind] = start as unknown as [
    string,
    string,
    string,
    LineStart['kind'],
  ];
  return Number.isNaN(Date.parse(arrived)) ? undefined : { sequence, arrived, kind, length };
}

/** Reads a line of an archive object; undefined where it is not one that `archive` writes. */
export function readArchivedLine(shardId: string, line: string): ArchivedRecord | undefined {
  const start = startOfLine(line);
  if (!start) return undefined;
  const { sequence, arrived, kind, length } = start;
  const body = line.slice(length, -1);
  if (kind === 'envelope')
    return { shardId, sequence, arrived, envelope: decodeEnvelope(Buffer.from(body, 'utf8')), text: body };
  // What is no JSON object of one line of UTF-8; the projector may read an envelope in it all the same.
  const base64 = body.slice(1, -1);
  const data = Buffer.from(base64, 'base64');
  return {
    ...{ shardId, sequence, arrived, envelope: decodeEnvelope(data) },
    ...{ text: data.toString('utf8'), base64 },
  };
}

/**
 * Whether a record without an envelope may hold one that another build reads, and counts: it is an object with a version.
 * What is none at all no build counts.
 */
export function mayBeOtherBuilds({ envelope, text }: ArchivedRecord): boolean {
  if (envelope) return false;
  try {
    const value = JSON.parse(text) as { readonly v?: unknown } | null;
    return typeof value === 'object' && typeof value?.v === 'number';
  } catch {
    return false;
  }
}

/** The events of a record with every number's text, so that they are written out again as they were archived. */
export function exactEvents({ envelope, text }: ArchivedRecord): readonly AcceptedEvent[] {
  const { events } = envelope as EventsEnvelope;
  const exact = exactly<EventsEnvelope>(text)?.events;
  return exact ? events.map((each, index) => ({ ...each, event: exact[index]!.event })) : events;
}

/** What a piece of quarantine holds, likewise. */
export function exactInput({ envelope, text }: ArchivedRecord): unknown {
  const exact = exactly<QuarantineEnvelope>(text);
  return (exact ?? (envelope as QuarantineEnvelope)).quarantine.input;
}

/** Undefined where a number's text says no more than its value. */
function exactly<E>(text: string): E | undefined {
  if (!hasTellingNumbers(text)) return undefined;
  try {
    return readExactly(text) as E;
  } catch (error) {
    // Too deep for a reader that recurses.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
