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
  /** The envelope's own text. */
  readonly text: string;
}

/** As `archiveLines` begins a line. */
const START = /^\{"seq":"(\d{1,64})","arrived":"([^"]{20,30})","(envelope|base64)":/;

/** Reads a line of an archive object; undefined where it is not one that `archive` writes. */
export function readArchivedLine(shardId: string, line: string): ArchivedRecord | undefined {
  const start = START.exec(line);
  if (!start || !line.endsWith('}')) return undefined;
  const [whole, sequence, arrived, kind] = start as unknown as [string, string, string, string];
  const text = line.slice(whole.length, -1);
  const envelope = kind === 'envelope' ? decodeEnvelope(Buffer.from(text, 'utf8')) : undefined;
  return { shardId, sequence, arrived, envelope, text };
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
