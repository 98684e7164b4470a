import { decodeEnvelope, type LogRecord } from '../log-record.ts';
import type { ManifestEntry, Shard } from '../manifest.ts';
import { type ArchivedRecord, readArchivedLine } from '../recovery/archived-record.ts';
import { matchRecord, type Seen } from './match-record.ts';
import type { TracePorts } from './ports.ts';
import { type Selected, selectEntries } from './select-entries.ts';
import type { TraceQuestion } from './trace.ts';

/** Objects that are read at the same time. */
const CONCURRENCY = 6;

/** What was found, and what was not looked at. */
export interface Searched {
  /** In the order of their arrival. */
  readonly seen: readonly Seen[];
  readonly selected: Selected;
  /** The log's shards as they were before the archive was looked at. */
  readonly shards: readonly Shard[];
  readonly read: number;
  readonly damaged: readonly string[];
  readonly logRead: boolean;
}

/** Looks through the archive, then through what the log holds behind it: so nothing is missed that goes from one to the other. */
export async function findSendings(question: TraceQuestion, ports: TracePorts): Promise<Searched> {
  const shards = await ports.shards.list();
  const selected = await selectEntries(question, ports.manifest);
  const archived = await searchObjects(selected.entries, question, ports);
  const behind = await searchLog(shards, selected.ends, question, ports);
  const seen = [...archived.seen, ...behind.seen].sort(byArrival);
  return { ...archived, ...behind, seen, selected, shards };
}

function byArrival(a: Seen, b: Seen): number {
  if (a.shardId === b.shardId && a.sequence !== b.sequence)
    return BigInt(a.sequence) < BigInt(b.sequence) ? -1 : 1;
  return a.arrived < b.arrived ? -1 : a.arrived > b.arrived ? 1 : a.index - b.index;
}

async function searchObjects(entries: readonly ManifestEntry[], question: TraceQuestion, ports: TracePorts) {
  const { limits } = question;
  const seen: Seen[] = [];
  const damaged: string[] = [];
  let read = 0;
  let bytes = 0;
  while (read < entries.length && read < limits.objects && bytes < limits.bytes && !limits.isOver()) {
    const some = entries.slice(read, Math.min(read + CONCURRENCY, limits.objects));
    const texts = await Promise.all(some.map((entry) => readOrSay(entry, ports)));
    for (const [index, text] of texts.entries()) {
      const entry = some[index]!;
      if ('text' in text) seen.push(...searchText(text.text, entry, question));
      else damaged.push(`${entry.key}: ${text.detail}`);
      bytes += entry.bytes;
    }
    read += some.length;
    ports.report?.(read, entries.length);
  }
  return { seen, damaged, read };
}

/** What is in a cold tier can't be read now, and is no failure of the search. */
async function readOrSay(
  entry: ManifestEntry,
  { readObject }: TracePorts,
): ReturnType<TracePorts['readObject']> {
  try {
    return await readObject(entry);
  } catch (error) {
    const { name, message } = error as Error;
    if (!`${name} ${message}`.includes('InvalidObjectState')) throw error;
    return { kind: 'object-cold', detail: 'it is in a cold tier' };
  }
}

/** Lines that can't hold the id are not read: they are all but a few. */
export function* searchText(
  text: string,
  { shardId, key, versionId }: Pick<ManifestEntry, 'shardId' | 'key' | 'versionId'>,
  question: TraceQuestion,
): Generator<Seen> {
  const object = { key, versionId };
  for (const line of linesWith(text, question.id)) {
    const record = readArchivedLine(shardId, line);
    if (record) yield* during(matchRecord(record, question, object), question);
  }
}

/** Where a record was archived as bytes, its line must be read to know. */
const AS_BYTES = '","base64":"';

function* linesWith(text: string, id: string): Generator<string> {
  // As the log's writers write it.
  const needle = JSON.stringify(id).slice(1, -1);
  for (let at = 0; at < text.length; ) {
    const places = [text.indexOf(needle, at), text.indexOf(AS_BYTES, at)].filter((place) => place >= 0);
    if (places.length === 0) return;
    const place = Math.min(...places);
    const end = text.indexOf('\n', place);
    yield text.slice(text.lastIndexOf('\n', place) + 1, end < 0 ? undefined : end);
    if (end < 0) return;
    at = end + 1;
  }
}

function* during(found: Iterable<Seen>, { fromMs, toMs }: TraceQuestion): Generator<Seen> {
  for (const seen of found) {
    const arrived = Date.parse(seen.arrived);
    if (arrived >= fromMs && arrived < toMs) yield seen;
  }
}

async function searchLog(
  shards: readonly Shard[],
  ends: ReadonlyMap<string, string>,
  question: TraceQuestion,
  { tail }: TracePorts,
): Promise<{ readonly seen: readonly Seen[]; readonly logRead: boolean }> {
  const unfinished = shards.filter((shard) => !isArchivedToItsEnd(shard, shards, ends));
  const tails = await Promise.all(unfinished.map(({ shardId }) => tail.after(shardId, ends.get(shardId))));
  const seen = tails.flatMap(({ records }) =>
    records.flatMap((record) => [...during(matchRecord(asArchived(record), question), question)]),
  );
  return { seen, logRead: tails.every(({ whole }) => whole) };
}

/** A child of a shard is only archived after its end. */
function isArchivedToItsEnd(
  { shardId, open }: Shard,
  shards: readonly Shard[],
  ends: ReadonlyMap<string, string>,
): boolean {
  return !open && shards.some((child) => child.parents.includes(shardId) && ends.has(child.shardId));
}

function asArchived({ shardId, sequence, arrivedMs, data }: LogRecord): ArchivedRecord {
  const arrived = new Date(arrivedMs).toISOString();
  return { shardId, sequence, arrived, envelope: decodeEnvelope(data), text: '' };
}
