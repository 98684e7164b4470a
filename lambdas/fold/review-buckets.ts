import type { BucketKey } from '../domain/bucket.ts';
import type { Circumstances, Conclusion } from '../domain/recovery/conclude-review.ts';
import type { LiveBucket } from '../domain/recovery/live-bucket.ts';
import {
  BucketReview,
  nameOfBucket,
  type Review,
  type ReviewTask,
} from '../domain/recovery/review-bucket.ts';
import { rewriteBucket } from '../domain/recovery/rewrite-bucket.ts';
import type { Place } from '../domain/recovery/seen-event.ts';
import { RunningWatch } from '../platform/assert-running.ts';
import { mapAtMost } from '../platform/map-at-most.ts';
import { ensureGoing } from './ensure-going.ts';
import type { Fold, FoldPorts } from './fold-ports.ts';
import { lookAtBuckets } from './look-at-buckets.ts';
import { oneAfterOther, readLater } from './read-later.ts';
import { type Contents, feed, readContents } from './read-partition.ts';
import { type Planned, rebuiltOf, writeBucket } from './write-bucket.ts';

/** What a verb makes of each bucket. */
export interface Mode {
  readonly repair: boolean;
  task(live: LiveBucket, circumstances: Circumstances): ReviewTask;
  conclude(review: Review, circumstances: Circumstances): Conclusion;
}

/** Buckets held at once, with what state and archive say of them: some 17 kB each. */
const MAX_BUCKETS = 40_000;
/** Looks at one bucket that others keep writing, after the first. */
const MAX_ROUNDS = 5;
const CONCURRENCY = 8;

/**
 * Looks at state, then folds. What can't be judged by what the run has read is looked at again, together with all that the
 * archive got until after that look: so an event on its way is never taken for a difference, nor lost by writing a bucket
 * anew.
 *
 * @returns the places of events to be sent again
 */
export async function reviewBuckets(
  contents: Contents,
  mode: Mode,
  fold: Fold,
  ports: FoldPorts,
): Promise<readonly Place[]> {
  const resend: Place[] = [];
  const epochs = new Map<string, number | undefined>();
  let open: readonly BucketKey[] = [...contents.keys.values()];
  for (let round = 0; open.length > 0 && round <= MAX_ROUNDS; round++) {
    const again: BucketKey[] = [];
    for (let at = 0; at < open.length; at += MAX_BUCKETS) {
      const slice = open.slice(at, at + MAX_BUCKETS);
      again.push(...(await reviewSlice(slice, round > 0, contents, resend, epochs, mode, fold, ports)));
    }
    open = again;
  }
  for (const bucket of open) {
    fold.differences.add([{ kind: 'moving', bucket }]);
    fold.differences.settle(nameOfBucket(bucket), epochs.get(nameOfBucket(bucket)));
  }
  return resend;
}

/** @returns the buckets that have to be looked at again */
async function reviewSlice(
  keys: readonly BucketKey[],
  isFinal: boolean,
  contents: Contents,
  resend: Place[],
  epochs: Map<string, number | undefined>,
  mode: Mode,
  fold: Fold,
  ports: FoldPorts,
): Promise<readonly BucketKey[]> {
  await ensureGoing(fold, ports);
  const lives = await lookAtBuckets(keys, fold, ports);
  const source = isFinal ? await sourceUntilNow(contents, fold, ports) : fold.shuffled;
  const circumstances = { isFinal, damaged: fold.damaged, repair: mode.repair };
  const reviews = new Map(
    lives.map((live) => [nameOfBucket(live.key), new BucketReview(live, mode.task(live, circumstances))]),
  );
  await feed(source, reviews, contents, fold.plan);
  const again: BucketKey[] = [];
  const planned: Planned[] = [];
  for (const each of reviews.values()) {
    const review = each.finish();
    const conclusion = mode.conclude(review, circumstances);
    // What an earlier attempt was about to write stands under its epoch or doesn't, also where the bucket goes on moving.
    epochs.set(nameOfBucket(review.live.key), review.live.found?.head?.bucket.epoch);
    if (conclusion.what === 'again') again.push(review.live.key);
    else fold.differences.add(conclusion.differences);
    if (conclusion.what === 'done') noteDone(review, conclusion.resend, resend, fold);
    if (conclusion.what === 'rewrite') planned.push(plan(review, conclusion, ports));
  }
  return [...again, ...(await writeAll(planned, fold, ports))];
}

async function sourceUntilNow(contents: Contents, fold: Fold, ports: FoldPorts) {
  const later = await readLater(fold, ports);
  const { refused } = contents;
  await readContents(later, { refused, keys: new Map(), events: 0 });
  await ensureGoing(fold, ports);
  return oneAfterOther(fold.shuffled, later);
}

function noteDone({ live }: Review, places: readonly Place[], resend: Place[], fold: Fold): void {
  const name = nameOfBucket(live.key);
  for (const place of places) resend.push(place);
  if (places.length > 0) fold.differences.noteResent(name);
  fold.differences.settle(name, live.found?.head?.bucket.epoch);
}

function plan(
  review: Review,
  { folded }: Extract<Conclusion, { what: 'rewrite' }>,
  { clock, random }: FoldPorts,
): Planned {
  const { live, upTo } = review;
  const how = { nowMs: clock.now(), upTo, random: () => random.hex(12) };
  return { review, rewrite: rewriteBucket(live.key, folded, live.found, how) };
}

/** @returns the keys of those that have to be looked at again */
async function writeAll(
  planned: readonly Planned[],
  fold: Fold,
  ports: FoldPorts,
): Promise<readonly BucketKey[]> {
  if (planned.length === 0) return [];
  for (const { rewrite } of planned) fold.differences.intend(rebuiltOf(rewrite));
  await fold.differences.write();
  const watch = new RunningWatch(ports, fold);
  const written = await mapAtMost(CONCURRENCY, planned, async (each) => {
    await watch.look();
    return writeBucket(each, fold, ports);
  });
  const lost: BucketKey[] = [];
  for (const [index, rebuilt] of written.entries()) {
    if (rebuilt) fold.differences.rebuilt(rebuilt);
    else lost.push(planned[index]!.review.live.key);
  }
  return lost;
}
