import { MAX_EVENT_BYTES } from '../../lambdas/domain/cloudevent.ts';
import { type Line, readLines } from './read-lines.ts';

/** A line that can be sent: it is a JSON object. Whether it is a good event is Weir's to say. */
export interface SendableEvent {
  readonly line: number;
  /** The line's own bytes: numbers keep their text, as they are not written anew. */
  readonly bytes: Buffer;
  readonly id: string | undefined;
}

/** Something that was not accepted, and where it stood. */
export interface NotAccepted {
  readonly line: number;
  readonly id?: string;
  /** HTTP status of the item, or 0 where it was not sent. */
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly pointer?: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The events of an NDJSON stream; empty lines are passed over, and what is no JSON object is reported and not sent. */
export async function* readEvents(
  source: AsyncIterable<Buffer>,
  fromLine: number,
  report: (problem: NotAccepted) => void,
): AsyncGenerator<SendableEvent> {
  for await (const line of readLines(source, MAX_EVENT_BYTES)) {
    if (line.number < fromLine || (line.bytes.length === 0 && !line.tooLong)) continue;
    const read = readEvent(line);
    if ('code' in read) report(read);
    else yield read;
  }
}

function readEvent(line: Line): SendableEvent | NotAccepted {
  if (line.tooLong) {
    return notSent(line, 'line-too-long', `an event may have at most ${MAX_EVENT_BYTES / 1024} KiB as JSON`);
  }
  const event = parse(line.bytes);
  if (event === undefined) {
    return notSent(line, 'invalid-json', 'the line is not JSON in UTF-8; each line is one event');
  }
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    return notSent(line, 'not-an-event', 'the line is JSON but no object; each line is one event');
  }
  const { id } = event as { id?: unknown };
  return { line: line.number, bytes: line.bytes, id: typeof id === 'string' ? id : undefined };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}

function notSent(line: Line, code: string, detail: string): NotAccepted {
  return { line: line.number, status: 0, code, detail };
}
