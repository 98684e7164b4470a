import type { BucketKey } from './bucket.ts';
import { hashParts } from './identity.ts';
import { TOUCHED_SLOTS, touchedKey } from './keys.ts';

/** Where the arrival index has a bucket that was touched in this month (`YYYY-MM`, UTC). */
export function touchedIn(key: BucketKey, month: string): string {
  return touchedKey(key.tenant, month, hashParts([key.subject])[0]! % TOUCHED_SLOTS);
}

/** Where it has the bucket once that is written to in this month: it never goes back. */
export function touchedAgain(key: BucketKey, before: string | undefined, month: string): string {
  return before !== undefined && monthOf(before) >= month ? before : touchedIn(key, month);
}

function monthOf(touched: string): string {
  return touched.split('#').at(-2) ?? '';
}
