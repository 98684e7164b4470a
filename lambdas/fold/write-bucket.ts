import { digestToHex } from '../domain/digest.ts';
import type { Head } from '../domain/head-item.ts';
import { covers } from '../domain/recovery/conclude-review.ts';
import type { Did } from '../domain/recovery/difference.ts';
import type { LiveBucket } from '../domain/recovery/live-bucket.ts';
import type { Review } from '../domain/recovery/review-bucket.ts';
import { type Rewrite, touchedNow } from '../domain/recovery/rewrite-bucket.ts';
import { patiently } from '../platform/patience.ts';
import type { Fold, FoldPorts } from './fold-ports.ts';
import { lookAtBuckets, waitingOf } from './look-at-buckets.ts';

type Rebuilt = Extract<Did, { kind: 'rebuilt' }>;

/** A bucket that is to be written anew. */
export interface Planned {
  readonly review: Review;
  readonly rewrite: Rewrite;
}

const MAX_RACES = 3;

/**
 * Writes pages, keeps the old head, and puts the new one where the old one still is what was looked at. Lost the race: again
 * at once, if all that state holds by now is among what was folded.
 *
 * @returns undefined where it is not: then it must be looked at, and folded, again
 */
export async function writeBucket(
  planned: Planned,
  fold: Fold,
  ports: FoldPorts,
): Promise<Rebuilt | undefined> {
  const { review, rewrite } = planned;
  const { buckets } = ports;
  const { key } = review.live;
  const waiting = waitingOf(fold, ports);
  for (const page of rewrite.pages) await patiently(() => buckets.putPage(key, page), waiting);
  let { live } = review;
  let { head, keep } = rewrite;
  for (let race = 0; race < MAX_RACES; race++) {
    const kept = keep;
    if (kept) await patiently(() => buckets.keep(key, kept.epoch, kept.item), waiting);
    const seen = live.found;
    const next = head;
    const { written } = await patiently(() => buckets.replace(next, seen), waiting);
    if (written) return rebuiltOf({ ...rewrite, head });
    const before = live;
    [live] = (await lookAtBuckets([key], fold, ports)) as [LiveBucket];
    if (isThis(live, head)) return rebuiltOf({ ...rewrite, head });
    if (!mayFollow(live, before) || !covers(review, live)) return undefined;
    const { item, head: found } = live.found!;
    const touched = touchedNow(key, found, ports.clock.now());
    head = { ...head, v: found!.v + 1, upTo: found!.upTo, touched };
    keep = { epoch: found!.bucket.epoch, item };
  }
  return undefined;
}

export function rebuiltOf({ head, keep }: Rewrite): Rebuilt {
  return {
    kind: 'rebuilt',
    bucket: head.key,
    ...(keep && { oldEpoch: keep.epoch }),
    newEpoch: head.bucket.epoch,
    v: head.v,
  };
}

/** Whether it stands there already, and only the answer was lost: another run may have taken the same version and epoch. */
function isThis({ found }: LiveBucket, { v, bucket }: Head): boolean {
  const there = found?.head;
  return (
    there?.v === v &&
    there.bucket.epoch === bucket.epoch &&
    there.bucket.tail === bucket.tail &&
    there.bucket.revision === bucket.revision &&
    there.bucket.n === bucket.n &&
    digestToHex(there.bucket.digest) === digestToHex(bucket.digest)
  );
}

/** Under another epoch it is another's work. */
function mayFollow({ found }: LiveBucket, before: LiveBucket): boolean {
  const epoch = before.found?.head?.bucket.epoch;
  return epoch !== undefined && found?.head?.bucket.epoch === epoch;
}
