import { compareSequences } from '../domain/log-record.ts';
import type { ManifestEntry } from '../domain/manifest.ts';
import type { ManifestReader } from '../domain/recovery/ports.ts';
import type { Selection } from '../domain/recovery/select-objects.ts';
import type { CheckLinks } from './check-links.ts';

/**
 * How far the log's times of arrival may go back along a shard: they are not guaranteed to rise
 * (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_Record.html).
 */
const ARRIVALS_MIXED_MS = 3_600_000;

/**
 * The selected entries of every shard, up to its bound, in pages and in the chains' order. Of a long chain only the part
 * is read that can hold anything, and the entry before it: from there on every link is checked.
 */
export async function* walkEntries(
  selection: Selection,
  archivedTo: Readonly<Record<string, string>>,
  manifest: ManifestReader,
  links?: Pick<CheckLinks, 'begin' | 'add' | 'end'>,
): AsyncGenerator<readonly ManifestEntry[]> {
  for (const [shardId, last] of Object.entries(archivedTo)) {
    if (selection.shardId !== undefined && selection.shardId !== shardId) continue;
    const from = await findStart(shardId, last, selection.arrivedFromMs, manifest);
    await links?.begin(shardId, from === undefined);
    let isOver = false;
    for await (const page of manifest.entries(shardId, from)) {
      const bounded = page.filter((entry) => compareSequences(entry.last, last) <= 0);
      for (const entry of bounded) links?.add(entry);
      yield bounded.filter(selection.selects);
      isOver = isPast(page.at(-1)!, selection);
      if (bounded.length < page.length || isOver) break;
    }
    links?.end(!isOver);
  }
}

function isPast({ arrived }: ManifestEntry, { arrivedToMs }: Selection): boolean {
  return Date.parse(arrived.from) - ARRIVALS_MIXED_MS >= arrivedToMs;
}

/**
 * Where the last entry begins before which all arrived before `arrivedFromMs`, as it did; undefined for the chain's
 * beginning. By halving, as sequence numbers rise with time: a year of objects takes some twenty looks.
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
  let before: string | undefined;
  // Upwards whatever an entry says: one that somebody changed must not keep the search from ending.
  const pass = (old: ManifestEntry, found: bigint) => {
    before = old.first;
    const last = BigInt(old.last);
    low = (last > found ? last : found) + 1n;
  };
  while (low <= high) {
    const entries = await firstEntries(shardId, low, manifest);
    const start = entries.findIndex((entry) => !isOld(entry));
    if (start >= 0) return entries[start - 1]?.first ?? before;
    if (entries.length === 0) break;
    pass(entries.at(-1)!, low);
    const middle = low + (high - low) / 2n;
    const [probe] = await firstEntries(shardId, middle, manifest);
    if (probe && isOld(probe)) pass(probe, middle);
    else high = middle;
  }
  return before;
}

async function firstEntries(
  shardId: string,
  from: bigint,
  manifest: ManifestReader,
): Promise<readonly ManifestEntry[]> {
  for await (const page of manifest.entries(shardId, String(from))) return page;
  return [];
}
