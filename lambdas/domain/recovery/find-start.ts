import type { ManifestEntry } from '../manifest.ts';
import type { ManifestReader } from './ports.ts';

/**
 * How far the log's times of arrival may go back along a shard: they are not guaranteed to rise
 * (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_Record.html).
 */
export const ARRIVALS_MIXED_MS = 3_600_000;

/**
 * Where the last entry begins before which all arrived before `arrivedFromMs`, as it did; undefined for the chain's
 * beginning. By halving, as sequence numbers rise with time: a year of objects takes some twenty looks.
 */
export async function findStart(
  shardId: string,
  last: string,
  arrivedFromMs: number,
  manifest: Pick<ManifestReader, 'entries'>,
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
  manifest: Pick<ManifestReader, 'entries'>,
): Promise<readonly ManifestEntry[]> {
  for await (const page of manifest.entries(shardId, String(from))) return page;
  return [];
}
