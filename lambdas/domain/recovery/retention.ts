import type { Contracts } from '../contract.ts';
import type { ManifestEntry } from '../manifest.ts';
import type { RunRequest } from './request.ts';
import { selectionOf } from './select-objects.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** What ends that soon may be gone before a run reads it: taking objects out of a cold tier takes up to 48 hours. */
export const SOON_MS = 3 * DAY_MS;

/**
 * Objects with nothing that arrived from then on have reached their end, ms since the epoch. S3 counts from an object's
 * writing, and ends it at a midnight after that: never earlier.
 */
export function expiredBefore(nowMs: number, retentionDays = Number.POSITIVE_INFINITY): number {
  return nowMs - retentionDays * DAY_MS;
}

export function hasExpired({ arrived }: Pick<ManifestEntry, 'arrived'>, beforeMs: number): boolean {
  return Date.parse(arrived.to) < beforeMs;
}

/**
 * Whether a run is wrong without all that its range has: what compares state with the archive would call counted events
 * extra, or take them out; and what certifies a period would leave events out. Undoing takes nothing from the archive away.
 */
export function needsAll(request: RunRequest): boolean {
  switch (request.verb) {
    case 'rebuild':
      return request.undo === undefined;
    case 'reconcile':
      return !request.identities;
    case 'preview':
      return true;
    case 'verify':
      return request.certificate;
    default:
      return false;
  }
}

/** Says that a run needs objects which have expired, and from when on it can be had. */
export function refusesExpired(request: RunRequest, contracts: Contracts, beforeMs: number): string {
  const asked = { ...request, from: new Date(beforeMs).toISOString() } as RunRequest;
  // Events may arrive before their windows.
  const aheadMs = beforeMs - selectionOf(asked, contracts).arrivedFromMs;
  const fromMs = Math.ceil((beforeMs + aheadMs + HOUR_MS) / DAY_MS) * DAY_MS;
  const from = new Date(fromMs).toISOString().replace('.000', '');
  return (
    `This ${request.verb} needs archive objects that have expired ("archiveRetentionDays"): without them, it would take ` +
    `what was counted of them for wrong. Ask for what comes after: with "from" of ${from} or later`
  );
}
