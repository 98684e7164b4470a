import type { Did } from '../domain/recovery/difference.ts';
import type { LiveBucket } from '../domain/recovery/live-bucket.ts';
import { nameOfBucket } from '../domain/recovery/review-bucket.ts';
import { touchedNow } from '../domain/recovery/rewrite-bucket.ts';
import { RunRefusedError } from '../domain/recovery/run.ts';
import type { Place } from '../domain/recovery/seen-event.ts';
import { partitionOf } from '../domain/recovery/shuffle-codec.ts';
import { RunningWatch } from '../platform/assert-running.ts';
import { patiently } from '../platform/patience.ts';
import { readDifferences } from './differences-file.ts';
import { ensureGoing } from './ensure-going.ts';
import type { Fold, FoldPorts } from './fold-ports.ts';
import { lookAtBuckets, lookAtKept, waitingOf } from './look-at-buckets.ts';
import { oneAfterOther, readLater } from './read-later.ts';
import { type Contents, feed, readContents } from './read-partition.ts';
import { Sightings } from './sightings.ts';

type Rebuilt = Extract<Did, { kind: 'rebuilt' }>;

const MAX_ROUNDS = 5;
/** Buckets held at once. */
const MAX_BUCKETS = 25_000;

/**
 * Puts back the heads that a rebuild has replaced. What the rebuilt bucket holds and the old one does not is in the
 * archive, and sent again: so nothing that came since is lost.
 *
 * @returns the places of events to be sent again
 */
export async function undoBuckets(
  undo: string,
  contents: Contents,
  fold: Fold,
  ports: FoldPorts,
): Promise<readonly Place[]> {
  const rebuilt = await rebuiltBy(undo, fold, ports);
  fold.counts.buckets = rebuilt.length;
  const resend: Place[] = [];
  for (let at = 0; at < rebuilt.length; at += MAX_BUCKETS) {
    let open: readonly Rebuilt[] = rebuilt.slice(at, at + MAX_BUCKETS);
    for (let round = 0; open.length > 0 && round < MAX_ROUNDS; round++)
      open = await undoSome(open, contents, resend, fold, ports);
    fold.differences.add(open.map(({ bucket }) => ({ kind: 'moving', bucket })));
  }
  return resend;
}

/** What the run has rebuilt of this partition. */
async function rebuiltBy(undo: string, fold: Fold, { files }: FoldPorts): Promise<readonly Rebuilt[]> {
  const names = await files.list(undo, 'differences/');
  if (names.length === 0 && (await files.list(undo, 'folded/')).length === 0)
    throw new RunRefusedError(
      `of run ${undo} there are no files that say what it rebuilt: they expire, and only a rebuild has any. Rebuild by the ` +
        'old revision instead, with "revisions"',
    );
  const { partitions } = fold.plan.summary;
  const rebuilt: Rebuilt[] = [];
  for (const name of names) {
    for (const each of await readDifferences(files, undo, name)) {
      if (each.kind !== 'rebuilt') continue;
      if (partitionOf({ kind: 'bucket', key: each.bucket }, partitions) === fold.partition)
        rebuilt.push(each);
    }
  }
  return rebuilt;
}

/** One bucket that is to be put back. */
interface Undoing {
  readonly rebuilt: Rebuilt;
  readonly live: LiveBucket;
  readonly kept: LiveBucket;
}

/** @returns those that others have written meanwhile */
async function undoSome(
  all: readonly Rebuilt[],
  contents: Contents,
  resend: Place[],
  fold: Fold,
  ports: FoldPorts,
): Promise<readonly Rebuilt[]> {
  await ensureGoing(fold, ports);
  const undoings = await lookAtBoth(all, fold, ports);
  // All that the rebuilt buckets hold was in the log before now.
  const later = await readLater(fold, ports);
  await readContents(later, { ...contents, keys: new Map(), events: 0 });
  await ensureGoing(fold, ports);
  const sightings = new Map(
    undoings.map(
      (each) => [nameOfBucket(each.live.key), new Sightings(each.live, each.kept, ports.contracts)] as const,
    ),
  );
  await feed(oneAfterOther(fold.shuffled, later), sightings, contents, fold.plan);
  const lost: Rebuilt[] = [];
  const watch = new RunningWatch(ports, fold);
  for (const each of undoings) {
    await watch.look();
    const { missing, strange } = sightings.get(nameOfBucket(each.live.key))!.finish();
    if (strange > 0) {
      const why = `it holds ${strange} events that this run has not read: ask for the range and buckets of the rebuild`;
      fold.differences.add([{ kind: 'not-undone', bucket: each.live.key, why }]);
    } else if (await putBack(each, fold, ports)) {
      const head = each.kept.found!.head!;
      for (const place of missing) resend.push(place);
      const v = each.live.found!.v! + (isBack(each) ? 0 : 1);
      const events = head.bucket.n;
      fold.differences.add([
        { kind: 'restored', bucket: each.live.key, epoch: head.bucket.epoch, v, events },
      ]);
    } else {
      lost.push(each.rebuilt);
    }
  }
  return lost;
}

/** Buckets that can be put back, with what is kept of them. Of the others it is said why not. */
async function lookAtBoth(
  all: readonly Rebuilt[],
  fold: Fold,
  ports: FoldPorts,
): Promise<readonly Undoing[]> {
  const lives = await lookAtBuckets(
    all.map(({ bucket }) => bucket),
    fold,
    ports,
  );
  const undoings: Undoing[] = [];
  for (const [index, rebuilt] of all.entries()) {
    const live = lives[index]!;
    const isBack = live.found?.head?.bucket.epoch === rebuilt.oldEpoch;
    const kept = isBack ? live : await lookAtKept(rebuilt.bucket, rebuilt.oldEpoch ?? 0, fold, ports);
    const why = whyNot(rebuilt, live, kept);
    if (why === undefined) undoings.push({ rebuilt, live, kept });
    else fold.differences.add([{ kind: 'not-undone', bucket: rebuilt.bucket, why }]);
  }
  return undoings;
}

function whyNot(rebuilt: Rebuilt, live: LiveBucket, kept: LiveBucket): string | undefined {
  if (rebuilt.oldEpoch === undefined) return 'there was no bucket before it was rebuilt';
  if (!kept.found?.head) return 'the head that was replaced can’t be read';
  if (kept.missingPage !== undefined)
    return `the bucket that was replaced lacks its page ${kept.missingPage}`;
  const epoch = live.found?.head?.bucket.epoch;
  // Put back before, it has the old epoch, and whoever wrote it anew then took the same new one; and kept a later head.
  if (epoch === rebuilt.newEpoch && (kept.found.v ?? 0) >= rebuilt.v)
    return 'it was put back before, and written anew since by another run';
  if (epoch === rebuilt.newEpoch || epoch === rebuilt.oldEpoch) return undefined;
  return epoch === undefined
    ? 'the rebuilt bucket is gone, or can’t be read'
    : `it was written anew since, and has epoch ${epoch}`;
}

/** An earlier attempt has put it back already. */
function isBack({ live, kept }: Undoing): boolean {
  return live === kept;
}

/** Says whether it is there now. */
async function putBack(undoing: Undoing, fold: Fold, ports: FoldPorts): Promise<boolean> {
  if (isBack(undoing)) return true;
  const { live, kept, rebuilt } = undoing;
  const { key } = live;
  const waiting = waitingOf(fold, ports);
  const seen = live.found!;
  const touched = touchedNow(key, seen.head, ports.clock.now());
  const head = { ...kept.found!.head!, v: seen.v! + 1, touched };
  await patiently(() => ports.buckets.keep(key, rebuilt.newEpoch, seen.item), waiting);
  const { written, ...refused } = await patiently(() => ports.buckets.replace(head, seen), waiting);
  if (written) return true;
  const current = 'current' in refused ? refused.current : undefined;
  return current?.bucket.epoch === rebuilt.oldEpoch;
}
