import { decodeEnvelope, type LogRecord } from '../log-record.ts';
import type { ManifestEntry, Shard } from '../manifest.ts';
import { type ArchivedRecord, readArchivedLine } from '../recovery/archived-record.ts';
import type { TracePorts } from './ports.ts';
import type { TraceLimits } from './trace.ts';

/** Objects that are read at the same time. */
const CONCURRENCY = 6;

/** What was read of archive objects. */
export interface ObjectsRead {
  readonly read: number;
  /** Keys of those that are lost or damaged, each with what is wrong. */
  readonly damaged: readonly string[];
}

/**
 * Reads archive objects, in the order given, and hands on the records that may hold a text, in the order of their objects.
 * Lines that can't hold it are not read: they are all but a few.
 */
export async function readObjects(
  entries: readonly ManifestEntry[],
  text: string,
  limits: TraceLimits,
  ports: Pick<TracePorts, 'readObject' | 'report'>,
  take: (record: ArchivedRecord, entry: ManifestEntry) => void,
): Promise<ObjectsRead> {
  const damaged: string[] = [];
  let read = 0;
  let bytes = 0;
  while (read < entries.length && read < limits.objects && bytes < limits.bytes && !limits.isOver()) {
    const some = entries.slice(read, Math.min(read + CONCURRENCY, limits.objects));
    const objects = await Promise.all(some.map((entry) => readOrSay(entry, ports)));
    for (const [index, object] of objects.entries()) {
      const entry = some[index]!;
      bytes += entry.bytes;
      if ('detail' in object) damaged.push(`${entry.key}: ${object.detail}`);
      else for (const record of recordsWith(object.text, text, entry.shardId)) take(record, entry);
    }
    read += some.length;
    ports.report?.(read, entries.length);
  }
  return { read, damaged };
}

/** What is in a cold tier can't be read now, and is no failure of the search. */
async function readOrSay(
  entry: ManifestEntry,
  { readObject }: Pick<TracePorts, 'readObject'>,
): ReturnType<TracePorts['readObject']> {
  try {
    return await readObject(entry);
  } catch (error) {
    const { name, message } = error as Error;
    if (!`${name} ${message}`.includes('InvalidObjectState')) throw error;
    return { kind: 'object-cold', detail: 'it is in a cold tier' };
  }
}

function* recordsWith(lines: string, text: string, shardId: string): Generator<ArchivedRecord> {
  for (const line of linesWith(lines, text)) {
    const record = readArchivedLine(shardId, line);
    if (record) yield record;
  }
}

/** Where a record was archived as bytes, its line must be read to know. */
const AS_BYTES = '","base64":"';

function* linesWith(lines: string, text: string): Generator<string> {
  // As the log's writers write it.
  const needles = [JSON.stringify(text).slice(1, -1), AS_BYTES].map((needle) => ({ needle, next: -1 }));
  for (let at = 0; at < lines.length; ) {
    for (const each of needles) if (each.next < at) each.next = indexOf(lines, each.needle, at);
    const next = Math.min(...needles.map((each) => each.next));
    if (next === Number.POSITIVE_INFINITY) return;
    const end = indexOf(lines, '\n', next);
    yield lines.slice(lines.lastIndexOf('\n', next) + 1, end);
    at = end + 1;
  }
}

function indexOf(lines: string, needle: string, from: number): number {
  const at = lines.indexOf(needle, from);
  return at < 0 ? Number.POSITIVE_INFINITY : at;
}

/** What the log holds of these shards behind the ends of their archives. */
export async function readLog(
  shards: readonly Shard[],
  ends: ReadonlyMap<string, string>,
  { tail }: Pick<TracePorts, 'tail'>,
): Promise<{ readonly records: readonly ArchivedRecord[]; readonly logRead: boolean }> {
  const unfinished = shards.filter((shard) => !isArchivedToItsEnd(shard, shards, ends));
  const tails = await Promise.all(unfinished.map(({ shardId }) => tail.after(shardId, ends.get(shardId))));
  return {
    records: tails.flatMap(({ records }) => records.map(asArchived)),
    logRead: tails.every(({ whole }) => whole),
  };
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
  return { shardId, sequence, arrived, envelope: decodeEnvelope(data), text: data.toString() };
}
