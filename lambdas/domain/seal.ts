import type { Bucket, Page } from './bucket.ts';
import type { Meter } from './contract.ts';
import { encodeHead, type Head, itemBytes } from './head-item.ts';
import { ENTRY_BYTES } from './identity.ts';

/** Most entries of one page: 160 kB of ids, well below DynamoDB's 400 kB an item. */
export const MAX_PAGE_ENTRIES = 10_000;
const WRITE_UNIT = 1024;
/** Kept free of each write unit, so that an estimate that is a little short still is one unit. */
const MARGIN = 24;
const FEWEST_ENTRIES = 4;

/**
 * How many events may be counted into a bucket before it must be written, so that what they add fits one page:
 * each brings one id and at most one hash for each `unique` meter.
 */
export function roomFor(bucket: Bucket, meters: readonly Meter[]): number {
  const perEvent = 1 + meters.filter((meter) => meter.aggregate === 'unique').length;
  return Math.max(1, Math.floor((MAX_PAGE_ENTRIES - entriesOf(bucket)) / perEvent));
}

/**
 * The head as it should be written, and the page to be written before it, if the open page is to be sealed: it is when
 * the head would pass 1,000 bytes, or the next kilobyte where the aggregates leave no room for four entries. Write
 * units are by the kilobyte, so within one the open page is free, and sealed pages are written once.
 */
export function sealIfFull(
  head: Head,
  meters: readonly Meter[],
  newKey: () => string,
): { readonly head: Head; readonly page?: Page } {
  const { bucket } = head;
  if (entriesOf(bucket) === 0) return { head };
  const item = encodeHead(head, meters);
  const full = itemBytes(item);
  const { ids: _ids, values: _values, ...rest } = item;
  const bare = itemBytes({ ...rest, ids: { B: Buffer.alloc(0) } });
  const units = Math.ceil((bare + FEWEST_ENTRIES * ENTRY_BYTES + MARGIN) / WRITE_UNIT);
  if (full <= units * WRITE_UNIT - MARGIN) return { head };
  const page: Page = {
    key: newKey(),
    ids: bucket.open,
    values: bucket.openValues,
    ...(bucket.tail !== undefined && { prev: bucket.tail }),
  };
  return { head: { ...head, bucket: withoutOpen(bucket, page.key) }, page };
}

function withoutOpen(bucket: Bucket, tail: string | undefined): Bucket {
  return {
    ...bucket,
    open: Buffer.alloc(0),
    openValues: new Map(),
    ...(tail !== undefined && { tail }),
  };
}

function entriesOf(bucket: Bucket): number {
  let bytes = bucket.open.length;
  for (const groups of bucket.openValues.values())
    for (const hashes of groups.values()) bytes += hashes.length;
  return bytes / ENTRY_BYTES;
}
