import type { BucketKey, Page } from '../domain/bucket.ts';
import { type LiveBucket, liveBucket } from '../domain/recovery/live-bucket.ts';
import type { FoundBucket } from '../domain/recovery/ports.ts';
import { mapAtMost } from '../platform/map-at-most.ts';
import { patiently, type Waiting } from '../platform/patience.ts';
import type { Fold, FoldPorts } from './fold-ports.ts';

/** Keys of one read of heads. */
const AT_ONCE = 100;
const CONCURRENCY = 8;

/** Reads buckets as they stand, heads first, strongly: what a head names as its page was there before it. */
export async function lookAtBuckets(
  keys: readonly BucketKey[],
  fold: Fold,
  ports: FoldPorts,
): Promise<readonly LiveBucket[]> {
  const waiting = waitingOf(fold, ports);
  const chunks: BucketKey[][] = [];
  for (let at = 0; at < keys.length; at += AT_ONCE) chunks.push(keys.slice(at, at + AT_ONCE));
  const found = await mapAtMost(CONCURRENCY, chunks, (chunk) =>
    patiently(() => ports.buckets.find(chunk), waiting),
  );
  const heads = found.flat();
  return mapAtMost(CONCURRENCY, keys, async (key, index) =>
    liveBucket(key, heads[index], await pagesOf(key, heads[index], ports, waiting)),
  );
}

/** The head that another one has replaced, with its pages. */
export async function lookAtKept(
  key: BucketKey,
  epoch: number,
  fold: Fold,
  ports: FoldPorts,
): Promise<LiveBucket> {
  const waiting = waitingOf(fold, ports);
  const kept = await patiently(() => ports.buckets.kept(key, epoch), waiting);
  return liveBucket(key, kept, await pagesOf(key, kept, ports, waiting));
}

async function pagesOf(
  key: BucketKey,
  found: FoundBucket | undefined,
  { buckets }: FoldPorts,
  waiting: Waiting,
): Promise<readonly Page[]> {
  const bucket = found?.head?.bucket;
  return bucket?.tail === undefined ? [] : patiently(() => buckets.pages(key, bucket.epoch), waiting);
}

export function waitingOf({ deadline }: Fold, { clock, random, sleep }: FoldPorts): Waiting {
  return { clock, random, sleep, deadline };
}
