import { compareSequences } from '../domain/log-record.ts';
import type { ManifestEntry } from '../domain/manifest.ts';
import { ARRIVALS_MIXED_MS, findStart } from '../domain/recovery/find-start.ts';
import type { ManifestReader } from '../domain/recovery/ports.ts';
import type { Selection } from '../domain/recovery/select-objects.ts';
import type { CheckLinks } from './check-links.ts';

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
