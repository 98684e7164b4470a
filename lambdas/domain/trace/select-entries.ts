import type { Few, ManifestEntry } from '../manifest.ts';
import { ARRIVALS_MIXED_MS, findStart } from '../recovery/find-start.ts';
import type { ManifestReader } from '../recovery/ports.ts';
import type { TraceLimits } from './trace.ts';

/** Entries that are looked at, of all shards: a month of 30 shards that write one a minute. */
const MOST_ENTRIES = 1_500_000;

/** Which objects are asked for. */
export interface Selecting {
  /** Arrivals, ms since the epoch; `toMs` exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly limits: Pick<TraceLimits, 'isOver'>;
  readonly selects: (entry: ManifestEntry) => boolean;
}

/** The objects that may hold the event, the latest first; and how far each shard is archived. */
export interface Selected {
  readonly entries: readonly ManifestEntry[];
  /** The last sequence number of each shard that has a manifest. */
  readonly ends: ReadonlyMap<string, string>;
  /** The last mark that the archive has passed, by shard. */
  readonly marks: ReadonlyMap<string, string>;
  /** Whether all entries were looked at. */
  readonly whole: boolean;
}

/** What was archived before it began is selected; what is archived later is not missed by who reads the log after the ends. */
export async function selectEntries(
  { fromMs, toMs, limits, selects }: Selecting,
  manifest: Pick<ManifestReader, 'shards' | 'head' | 'entries'>,
): Promise<Selected> {
  const entries: ManifestEntry[] = [];
  const ends = new Map<string, string>();
  const marks = new Map<string, string>();
  let looked = 0;
  let whole = true;
  for (const { shardId } of await manifest.shards()) {
    const head = await manifest.head(shardId);
    if (!head) continue;
    ends.set(shardId, head.last);
    if (head.mark !== undefined) marks.set(shardId, head.mark);
    const start = await findStart(shardId, head.last, fromMs, manifest);
    for await (const page of manifest.entries(shardId, start)) {
      looked += page.length;
      for (const entry of page) if (selects(entry) && isDuring(entry, fromMs, toMs)) entries.push(entry);
      if (isPast(page.at(-1)!, toMs)) break;
      if (looked < MOST_ENTRIES && !limits.isOver()) continue;
      whole = false;
      break;
    }
  }
  entries.sort((a, b) => (a.arrived.to < b.arrived.to ? 1 : -1));
  return { entries, ends, marks, whole };
}

/** An object of marks alone holds nothing of anybody. */
export function mayHold(
  { events, fingerprints, tenants }: ManifestEntry,
  tenant: string | undefined,
): boolean {
  return (
    (events > 0 || !isEmpty(fingerprints)) &&
    (tenant === undefined || tenants === 'many' || tenants.includes(tenant))
  );
}

function isEmpty(few: Few): boolean {
  return few !== 'many' && few.length === 0;
}

// What can't be read of an entry is NaN here, and excludes nothing.

function isDuring({ arrived }: ManifestEntry, fromMs: number, toMs: number): boolean {
  return !(Date.parse(arrived.to) < fromMs || Date.parse(arrived.from) >= toMs);
}

function isPast({ arrived }: ManifestEntry, toMs: number): boolean {
  return Date.parse(arrived.from) - ARRIVALS_MIXED_MS >= toMs;
}
