import { compareSequences } from '../domain/log-record.ts';
import type { ManifestEntry } from '../domain/manifest.ts';
import type { ManifestReader } from '../domain/recovery/ports.ts';
import type { Selection } from '../domain/recovery/select-objects.ts';

/**
 * How far the log's times of arrival may go back along a shard: they are not guaranteed to rise
 * (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_Record.html).
 */
const ARRIVALS_MIXED_MS = 3_600_000;

/**
 * The selected entries of every shard, up to its bound, in pages and in the chains' order. Of a long chain only the part
 * is read that can hold anything.
 */
export async function* walkEntries(
  selection: Selection,
  archivedTo: Readonly<Record<string, string>>,
  manifest: ManifestReader,
): AsyncGenerator<readonly ManifestEntry[]> {
  for (const [shardId, last] of Object.entries(archivedTo)) {
    if (selection.shardId !== undefined && selection.shardId !== shardId) continue;
    const from = await findStart(shardId, last, selection.arrivedFromMs, manifest);
    for await (const page of manifest.entries(shardId, from)) {
      const bounded = page.filter((entry) => compareSequences(entry.last, last) <= 0);
      yield bounded.filter(selection.selects);
      if (bounded.length < page.length || isPast(page.at(-1)!, selection)) break;
    }
  }
}

function isPast({ arrived }: ManifestEntry, { arrivedToMs }: Selection): boolean {
  return Date.parse(arrived.from) - ARRIVALS_MIXED_MS >= arrivedToMs;
}

/**
 * A sequence number before which all entries arrived before `arrivedFromMs`; undefined for the chain's beginning. By
 * halving, as sequence numbers rise with time: a year of objects takes some twenty looks.
 */
async function findStart(
  shardId: string,
  last: string,
  arrivedFromMs: number,
  manifest: ManifestReader,
): Promise<string | undefined> {
  if (arrivedFromMs === Number.NEGATIVE_INFINITY) return undefined;
  const isOld = ({ arrived }: ManifestEntry) => Date.parse(arrived.to) < arrivedFromMs - ARRIVALS_MIXED_MS;
  // What lies before `low` is old. At `high` and after it nothing has been found to be.
  let low = 0n;
  let high = BigInt(last);
  while (low <= high) {
    const entries = await firstEntries(shardId, low, manifest);
    const start = entries.find((entry) => !isOld(entry));
    if (start) return start.first;
    if (entries.length === 0) break;
    low = BigInt(entries.at(-1)!.last) + 1n;
    const middle = low + (high - low) / 2n;
    const [probe] = await firstEntries(shardId, middle, manifest);
    if (probe && isOld(probe)) low = BigInt(probe.last) + 1n;
    else high = middle;
  }
  return String(low);
}

async function firstEntries(
  shardId: string,
  from: bigint,
  manifest: ManifestReader,
): Promise<readonly ManifestEntry[]> {
  for await (const page of manifest.entries(shardId, String(from))) return page;
  return [];
}
