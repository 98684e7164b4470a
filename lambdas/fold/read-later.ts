import { compareSequences } from '../domain/log-record.ts';
import type { ManifestEntry, ManifestHead } from '../domain/manifest.ts';
import { parentsFirst } from '../domain/recovery/parents-first.ts';
import { hasPassed, latestMark } from '../domain/recovery/passed.ts';
import type { ManifestReader } from '../domain/recovery/ports.ts';
import { selectionOf } from '../domain/recovery/select-objects.ts';
import type { ShuffleLine } from '../domain/recovery/shuffle.ts';
import { partitionOf } from '../domain/recovery/shuffle-codec.ts';
import { type Counts, shuffleRecord } from '../domain/recovery/shuffle-record.ts';
import { wantedOf } from '../domain/recovery/wanted-lines.ts';
import { openObject } from '../platform/open-object.ts';
import { putMarks } from '../platform/put-marks.ts';
import type { Fold, FoldPorts, LineSource } from './fold-ports.ts';

const POLL_MS = 1_000;

/** The archive has not passed the marks in this invocation's time; the state machine tries again. */
export class ArchiveBehindError extends Error {
  override readonly name = 'ArchiveBehindError';
  constructor(mark: string) {
    super(`the archive has not passed ${mark} on all shards yet; the fold of this partition begins again`);
  }
}

/**
 * All that the log held before now and the run's plan does not cover: puts marks, waits until the archive has passed
 * them, and gives what it has beyond the plan. So whatever state held before the call is in the plan or in this.
 *
 * @throws ArchiveBehindError, MarkMissedError
 */
export async function readLater(fold: Fold, ports: FoldPorts): Promise<LineSource> {
  const passed = latestMark((await readHeads(ports)).heads);
  const { mark } = await putMarks(ports, fold.deadline, passed);
  await untilArchived(mark, fold, ports);
  const entries = await entriesAfter(fold, ports);
  return { lines: () => linesOf(entries, fold, ports) };
}

async function untilArchived(mark: string, { deadline }: Fold, ports: FoldPorts): Promise<void> {
  for (;;) {
    const { shards, heads } = await readHeads(ports);
    if (hasPassed(shards, new Map(heads.map((head) => [head.shardId, head])), mark)) return;
    if (ports.clock.now() + POLL_MS >= deadline) throw new ArchiveBehindError(mark);
    await ports.sleep(POLL_MS);
  }
}

/** The shards that the log lists, and what the archive has of those of which it has a mark. */
async function readHeads({ shards, manifest }: FoldPorts) {
  const all = await shards.list();
  const heads = await Promise.all(all.map(({ shardId }) => manifest.head(shardId)));
  return { shards: all, heads: heads.filter(hasMark) };
}

function hasMark(head: ManifestHead | undefined): head is ManifestHead & { readonly mark: string } {
  return head?.mark !== undefined;
}

async function entriesAfter(
  { plan }: Fold,
  { manifest, contracts }: FoldPorts,
): Promise<readonly ManifestEntry[]> {
  const selection = selectionOf(plan.request, contracts);
  const entries: ManifestEntry[] = [];
  for (const { shardId } of parentsFirst(await manifest.shards())) {
    const after = plan.archivedTo[shardId];
    for await (const page of pagesOf(manifest, shardId, after)) {
      const later = page.filter(({ first }) => after === undefined || compareSequences(first, after) > 0);
      entries.push(...later.filter((entry) => selection.selects(entry)));
    }
  }
  return entries;
}

function pagesOf(manifest: ManifestReader, shardId: string, from: string | undefined) {
  return from === undefined ? manifest.entries(shardId) : manifest.entries(shardId, from);
}

async function* linesOf(
  entries: readonly ManifestEntry[],
  fold: Fold,
  { archive, contracts }: FoldPorts,
): AsyncGenerator<ShuffleLine> {
  const wanted = wantedOf(fold.plan);
  const { partitions } = fold.plan.summary;
  for (const entry of entries) {
    const opened = await openObject(archive, entry);
    if ('damage' in opened) {
      fold.damaged = true;
      continue;
    }
    const counts: Counts = {};
    for (const record of opened.records) {
      for (const line of shuffleRecord(record, entry.key, contracts, wanted, counts))
        if (partitionOf(line, partitions) === fold.partition) yield line;
    }
    if (counts.otherBuilds) fold.damaged = true;
  }
}

/** Both, one after the other. */
export function oneAfterOther(first: LineSource, second: LineSource): LineSource {
  return {
    async *lines() {
      yield* first.lines();
      yield* second.lines();
    },
  };
}
