import type { Shard } from '../manifest.ts';
import type { ArchivedRecord } from '../recovery/archived-record.ts';
import { matchRecord, type Seen } from './match-record.ts';
import type { TracePorts } from './ports.ts';
import { type ObjectsRead, readLog, readObjects } from './read-records.ts';
import { mayHold, type Selected, selectEntries } from './select-entries.ts';
import type { Sending, TraceQuestion } from './trace.ts';

/** What was found, and what was not looked at. */
export interface Searched extends ObjectsRead {
  /** In the order of their arrival. */
  readonly seen: readonly Seen[];
  readonly selected: Selected;
  /** The log's shards as they were before the archive was looked at. */
  readonly shards: readonly Shard[];
  readonly logRead: boolean;
}

/** Looks through the archive, then through what the log holds behind it: so nothing is missed that goes from one to the other. */
export async function findSendings(question: TraceQuestion, ports: TracePorts): Promise<Searched> {
  const { id, tenant, fromMs, toMs, limits } = question;
  const seen: Seen[] = [];
  const take = (record: ArchivedRecord, object?: Sending['object']) => {
    const arrived = Date.parse(record.arrived);
    if (arrived >= fromMs && arrived < toMs) seen.push(...matchRecord(record, question, object));
  };
  const shards = await ports.shards.list();
  const selecting = {
    ...question,
    selects: (entry: Parameters<typeof mayHold>[0]) => mayHold(entry, tenant),
  };
  const selected = await selectEntries(selecting, ports.manifest);
  const objects = await readObjects(selected.entries, id, limits, ports, (record, { key, versionId }) =>
    take(record, { key, versionId }),
  );
  const { records, logRead } = await readLog(shards, selected.ends, ports);
  for (const record of records) take(record);
  return { ...objects, logRead, seen: seen.sort(byArrival), selected, shards };
}

function byArrival(a: Seen, b: Seen): number {
  if (a.shardId === b.shardId && a.sequence !== b.sequence)
    return BigInt(a.sequence) < BigInt(b.sequence) ? -1 : 1;
  return a.arrived < b.arrived ? -1 : a.arrived > b.arrived ? 1 : a.index - b.index;
}
