import type { BucketKey, Page } from '../bucket.ts';
import { type Head, type Item, newPageKey } from '../head-item.ts';
import { touchedAgain } from '../touched.ts';
import type { Folded } from './fold-bucket.ts';
import type { FoundBucket } from './ports.ts';

/** A bucket to be written anew: its pages first, then the old head kept, then the head under the condition of what was seen. */
export interface Rewrite {
  readonly head: Head;
  readonly pages: readonly Page[];
  /** The old head, to be kept by its epoch as the way back; absent where there is none. */
  readonly keep?: { readonly epoch: number; readonly item: Item };
}

/**
 * The bucket as folded, under the next epoch. Of an absent bucket, and of one whose version can't be read, the version is
 * the time: later than any that a lost head can have had, so that whoever remembers one loses against it.
 *
 * @param random a fresh identifier of twelve bytes in hex, for each page
 * @param upTo of the last event folded
 */
export function rewriteBucket(
  key: BucketKey,
  folded: Folded,
  seen: FoundBucket | undefined,
  {
    nowMs,
    upTo,
    random,
  }: { readonly nowMs: number; readonly upTo: string | undefined; readonly random: () => string },
): Rewrite {
  const oldEpoch = seen && epochOf(seen);
  const epoch = (oldEpoch ?? 0) + 1;
  const pages: Page[] = [];
  for (const { ids, values } of folded.chunks) {
    const prev = pages.at(-1)?.key;
    const page = { key: newPageKey(key, epoch, random()), ids, values, ...(prev !== undefined && { prev }) };
    pages.push(page);
  }
  const { tail: _tail, ...rest } = folded.bucket;
  const tail = pages.at(-1)?.key;
  const head: Head = {
    key,
    v: seen?.v === undefined ? nowMs : seen.v + 1,
    bucket: { ...rest, epoch, ...(tail !== undefined && { tail }) },
    upTo: seen?.head?.upTo ?? upTo ?? '',
    touched: touchedNow(key, seen?.head, nowMs),
  };
  return { head, pages, ...(seen && { keep: { epoch: oldEpoch ?? 0, item: seen.item } }) };
}

/** To write a bucket anew is to touch it: whoever has closed the month that it is of learns by the index that it says something else. */
export function touchedNow(key: BucketKey, head: Head | undefined, nowMs: number): string {
  return touchedAgain(key, head?.touched, new Date(nowMs).toISOString().slice(0, 7));
}

/** The epoch of a head, as far as it can be read. */
function epochOf({ head, item }: FoundBucket): number {
  if (head) return head.bucket.epoch;
  const epoch = item.epoch && 'N' in item.epoch ? Number(item.epoch.N) : 0;
  return Number.isSafeInteger(epoch) && epoch > 0 ? epoch : 0;
}
