import { parseInstant } from '../instant.ts';
import { compareSequences } from '../log-record.ts';
import type { ArchivedRecord } from './archived-record.ts';
import type { ReplayRequest } from './request.ts';

/** Which of a record's events a replay takes. */
export interface Selection {
  /** In rising order. */
  readonly indexes: readonly number[];
  /** Events that it would take if they were no replays themselves. */
  readonly replays: number;
}

const NOTHING: Selection = { indexes: [], replays: 0 };

/** Compiles a request. What comes out says of each record which of its events are to be sent again. */
export function createSelect(request: ReplayRequest): (record: ArchivedRecord) => Selection {
  const { tenant, subject, shard } = request;
  const arrives = createArrives(request);
  const types = request.types && new Set(request.types);
  const ids = request.ids && new Set(request.ids);
  return (record) => {
    const { envelope, shardId, sequence } = record;
    if (!envelope || !('events' in envelope) || !arrives(record)) return NOTHING;
    if (tenant !== undefined && envelope.tenant !== tenant) return NOTHING;
    if (shard && !(shard.shardId === shardId && isWithin(sequence, shard))) return NOTHING;
    const indexes: number[] = [];
    for (const [index, { event }] of envelope.events.entries()) {
      if (subject !== undefined && event.subject !== subject) continue;
      if (types && !types.has(event.type)) continue;
      if (ids && !ids.has(event.id)) continue;
      indexes.push(index);
    }
    return envelope.replay === undefined ? { indexes, replays: 0 } : { indexes: [], replays: indexes.length };
  };
}

/** Whether a record arrived in a request's range: from inclusive, to exclusive. */
export function createArrives({
  from,
  to,
}: {
  readonly from?: string;
  readonly to?: string;
}): (record: Pick<ArchivedRecord, 'arrived'>) => boolean {
  const fromMs = msOf(from) ?? Number.NEGATIVE_INFINITY;
  const toMs = msOf(to) ?? Number.POSITIVE_INFINITY;
  return ({ arrived }) => {
    const ms = Date.parse(arrived);
    return ms >= fromMs && ms < toMs;
  };
}

function msOf(instant: string | undefined): number | undefined {
  return instant === undefined ? undefined : parseInstant(instant)?.ms;
}

/** Both inclusive. */
export function isWithin(
  sequence: string,
  { first, last }: { readonly first?: string; readonly last?: string },
): boolean {
  return (
    (first === undefined || compareSequences(sequence, first) >= 0) &&
    (last === undefined || compareSequences(sequence, last) <= 0)
  );
}
