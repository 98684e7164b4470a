import type { BucketKey, Page } from '../bucket.ts';
import { EntryTable } from '../entry-table.ts';
import { ENTRY_BYTES } from '../identity.ts';
import { addValues } from './fold-bucket.ts';
import type { FoundBucket } from './ports.ts';

/** A bucket as it stands in state at one moment: its head, and all ids and values that head and pages hold. */
export interface LiveBucket {
  readonly key: BucketKey;
  /** Undefined where there is none. */
  readonly found: FoundBucket | undefined;
  /** Runs of id entries: the open page's, then the chain's from its end. */
  readonly runs: readonly Buffer[];
  readonly ids: EntryTable;
  /** Entries in all runs; more than `ids` has where some stand there twice. */
  readonly entries: number;
  /** By `valuesKey`. */
  readonly values: ReadonlyMap<string, EntryTable>;
  /** The page that the chain names and that can't be read: what it held is unknown. */
  readonly missingPage?: string;
}

/** Never written to: of buckets that are not there, there may be many. */
const NOTHING = { found: undefined, runs: [], ids: new EntryTable(), entries: 0, values: new Map() } as const;

/** Puts a bucket together from its head and the pages of its epoch, of which the chain says which count. */
export function liveBucket(
  key: BucketKey,
  found: FoundBucket | undefined,
  pages: readonly Page[],
): LiveBucket {
  if (!found) return { ...NOTHING, key };
  const runs: Buffer[] = [];
  const values = new Map<string, EntryTable>();
  const byKey = new Map(pages.map((page) => [page.key, page]));
  const bucket = found.head?.bucket;
  let next = bucket?.tail;
  if (bucket) {
    if (bucket.open.length > 0) runs.push(bucket.open);
    addValues(values, bucket.openValues);
  }
  while (next !== undefined) {
    const page = byKey.get(next);
    if (!page) break;
    // Each counts once: a chain that runs in a circle ends at a page that is not there any more.
    byKey.delete(next);
    runs.push(page.ids);
    addValues(values, page.values);
    next = page.prev;
  }
  const entries = runs.reduce((sum, run) => sum + run.length, 0) / ENTRY_BYTES;
  const ids = new EntryTable(entries);
  for (const run of runs) ids.addAll(run);
  return { key, found, runs, ids, entries, values, ...(next !== undefined && { missingPage: next }) };
}

/** Whether its ids are all known, each held once, and as many as it says that it has counted. */
export function isWhole({ found, ids, entries, missingPage }: LiveBucket): boolean {
  if (!found) return true;
  return (
    found.head !== undefined &&
    missingPage === undefined &&
    entries === ids.size &&
    ids.size === found.head.bucket.n
  );
}

/** Identities that it holds and `known` lacks, the first `most` of them, as 24 hex digits. */
export function identitiesBeyond({ runs }: LiveBucket, known: EntryTable, most: number): readonly string[] {
  const beyond = new Set<string>();
  for (const run of runs) {
    for (let at = 0; at < run.length && beyond.size < most; at += ENTRY_BYTES) {
      if (known.find(run, at) === undefined) beyond.add(run.toString('hex', at, at + 12));
    }
  }
  return [...beyond];
}
