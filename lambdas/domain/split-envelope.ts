import type { Numbering } from './acknowledgements.ts';
import type { Draft } from './envelope.ts';

/** Most bytes of one record: Kinesis takes 1 MiB, its key included. */
export const MAX_RECORD_BYTES = 900 * 1024;
/** Kept free for what the writer adds to a piece: version, instance, number, build and acknowledgements. */
const HEADER_BYTES = 12 * 1024;

/** JSON members of an envelope, without its braces and without what the writer adds. */
export interface Piece {
  readonly members: string;
  /** In UTF-8. */
  readonly bytes: number;
}

/** What the writer adds to each record. */
export interface Header extends Numbering {
  readonly iid: string;
  readonly build: string;
}

/**
 * Cuts a draft into pieces that each fit a record, its events in their order. Each event is turned into JSON once, and
 * numbers kept by `JSON.rawJSON` keep their text.
 * @throws RangeError where one event, mark or quarantined input alone is larger than a record.
 */
export function splitEnvelope(draft: Draft, maxBytes: number = MAX_RECORD_BYTES): readonly Piece[] {
  if (!('events' in draft)) return [whole(JSON.stringify(draft).slice(1, -1), maxBytes)];
  const { events, ...rest } = draft;
  const start = `${JSON.stringify(rest).slice(1, -1)},"events":[`;
  const room = maxBytes - HEADER_BYTES - Buffer.byteLength(start) - 1;
  const pieces: Piece[] = [];
  let texts: string[] = [];
  let used = 0;
  const close = () => {
    pieces.push(whole(`${start}${texts.join(',')}]`, maxBytes));
    texts = [];
    used = 0;
  };
  for (const event of events) {
    const text = JSON.stringify(event);
    const bytes = Buffer.byteLength(text) + 1;
    if (texts.length > 0 && used + bytes > room) close();
    texts.push(text);
    used += bytes;
  }
  close();
  return pieces;
}

function whole(members: string, maxBytes: number): Piece {
  const bytes = Buffer.byteLength(members);
  if (bytes > maxBytes - HEADER_BYTES) {
    throw new RangeError(
      `an envelope of ${bytes} bytes can't be split, and a record takes ${maxBytes - HEADER_BYTES}`,
    );
  }
  return { members, bytes };
}

/** The record's JSON: the envelope with its number and what it reports as acknowledged. */
export function joinEnvelope(header: Header, piece: Piece): string {
  const { iid, n, acked, build } = header;
  return `{"v":1,"iid":${JSON.stringify(iid)},"n":${n},"acked":${JSON.stringify(acked)},"build":${JSON.stringify(build)},${piece.members}}`;
}
