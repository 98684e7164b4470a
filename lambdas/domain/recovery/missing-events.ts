import { compareSequences } from '../log-record.ts';
import type { MissingEvents } from './run.ts';
import type { Place } from './seen-event.ts';

/** Places in the log, by the objects that hold them, in the log's order within each. */
export function missingEvents(places: readonly Place[]): MissingEvents {
  const objects = new Map<string, Place[]>();
  for (const place of places) {
    const of = objects.get(place.object);
    if (of) of.push(place);
    else objects.set(place.object, [place]);
  }
  return {
    objects: [...objects].map(([key, of]) => ({
      key,
      shardId: of[0]!.shardId,
      first: firstOf(key),
      places: of
        .sort((a, b) => compareSequences(a.sequence, b.sequence) || a.index - b.index)
        .map(({ sequence, index }) => [sequence, index] as const),
    })),
  };
}

/** The first sequence number of an archive object, from its key. */
function firstOf(key: string): string {
  const first = /\/(\d+)-\d+-[0-9a-f]+\.ndjson\.gz$/.exec(key)?.[1];
  if (first === undefined) throw new RangeError(`"${key}" is no archive object's key`);
  return first;
}
