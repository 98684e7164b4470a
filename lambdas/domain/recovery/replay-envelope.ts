import type { AcceptedEvent, EventsEnvelope, QuarantineEnvelope } from '../envelope.ts';
import type { LogEntry } from '../log.ts';
import { partitionKeyOf } from '../partition-key.ts';
import { type ArchivedRecord, exactEvents, exactInput } from './archived-record.ts';

/** Whether a record can be sent again: marks are of their moment, and what is no envelope can't be marked as a replay. */
export function isSent(
  record: ArchivedRecord,
): record is ArchivedRecord & { envelope: EventsEnvelope | QuarantineEnvelope } {
  return record.envelope !== undefined && !('mark' in record.envelope);
}

/**
 * A record's events as they go into the log again: whose they are, when and under which receipt they came, and each
 * number's text as archived; and beside them that this is a replay, and where each stood first (P8).
 * @param replay what the replay is called
 * @param indexes which of its events, in rising order; a piece of quarantine is index 0
 * @param most events of one entry
 * @returns one entry for each subject, or several where there are more events than `most`, in the record's order
 */
export function replayEntries(
  record: ArchivedRecord,
  replay: string,
  indexes: readonly number[] | 'all',
  most = Number.POSITIVE_INFINITY,
): readonly LogEntry[] {
  if (!isSent(record)) return [];
  const { envelope } = record;
  const base = provenanceOf(envelope, replay);
  if ('quarantine' in envelope) {
    if (indexes !== 'all' && !indexes.includes(0)) return [];
    const quarantine = { ...envelope.quarantine, input: exactInput(record) };
    const partitionKey = partitionKeyOf(envelope.tenant, quarantine.fingerprint);
    return [{ draft: { ...base, quarantine }, partitionKey }];
  }
  const all = exactEvents(record);
  const runs: AcceptedEvent[][] = [];
  for (const index of indexes === 'all' ? all.keys() : indexes) {
    const accepted = all[index];
    if (!accepted) continue;
    const { schema, event, origin = `${record.shardId}:${record.sequence}:${index}` } = accepted;
    const run = runs.at(-1);
    const next = { schema, event, origin };
    if (run && run.length < most && run[0]!.event.subject === event.subject) run.push(next);
    else runs.push([next]);
  }
  return runs.map((events) => ({
    draft: { ...base, events },
    partitionKey: partitionKeyOf(envelope.tenant, events[0]!.event.subject),
  }));
}

/** What an envelope that is sent again says of the first one. */
export function provenanceOf(
  { tenant, producer, at, receipt, trace }: EventsEnvelope | QuarantineEnvelope,
  replay: string,
) {
  return { tenant, producer, at, receipt, ...(trace !== undefined && { trace }), replay };
}

/** Events that an entry brings: a piece of quarantine is one. */
export function eventsIn({ draft }: LogEntry): number {
  return 'events' in draft ? draft.events.length : 1;
}
