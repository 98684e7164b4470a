import type { Measured } from '../bucket.ts';
import { measureEvent, type Refusal } from '../count-events.ts';
import type { NumberedRevision } from './fold-bucket.ts';
import type { EventLine } from './shuffle.ts';

/** Where an event stands in the archive. */
export type Place = Pick<EventLine, 'object' | 'shardId' | 'sequence' | 'index'>;

/** What is kept of an event until it is counted: not its data, which may be half a megabyte. */
export type Seen = Place & Pick<EventLine, 'source' | 'id'>;

export function placeOf({ object, shardId, sequence, index }: Seen): Place {
  return { object, shardId, sequence, index };
}

export function seenOf({ source, id, object, shardId, sequence, index }: EventLine): Seen {
  return { source, id, object, shardId, sequence, index };
}

/** Of what is kept of an event whatever is in it, and of each of its parts. */
const EVENT_BYTES = 600;
const PART_BYTES = 150;

/** A value that is counted may be as long as the event. */
export function bytesOf({ source, id }: Seen, measured: Measured | Refusal | undefined): number {
  const ofParts = isMeasured(measured)
    ? measured.parts.reduce((sum, { text }) => sum + PART_BYTES + text.length, 0)
    : 0;
  return EVENT_BYTES + source.length + id.length + ofParts;
}

/** As the projector does it: what throws is refused. */
export function measured(line: EventLine, { revision }: NumberedRevision): Measured | Refusal {
  try {
    return measureEvent(line, revision);
  } catch {
    return { code: 'projection-failed', detail: 'the event could not be measured' };
  }
}

export function isMeasured(measured: Measured | Refusal | undefined): measured is Measured {
  return measured !== undefined && 'identity' in measured;
}
