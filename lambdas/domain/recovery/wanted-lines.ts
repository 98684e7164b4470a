import type { BucketKey } from '../bucket.ts';
import { windowStart } from '../window.ts';
import { rangeMs } from './range-ms.ts';
import type { RunRequest, VerifyRequest } from './request.ts';
import type { Plan } from './run.ts';

/** What of the archive a run takes into its second stage. */
export interface Wanted {
  /** Events, pieces of quarantine, and refusals. */
  readonly events: boolean;
  /** Each event's identity, and nothing more of it. */
  readonly identities: boolean;
  /** Numbers of writing instances. */
  readonly numbers: boolean;
  bucket(key: BucketKey): boolean;
  /** @param arrivedMs when the log took the record */
  arrival(arrivedMs: number): boolean;
  /** Whether numbers that a record of this arrival reports as acknowledged must be in what is read. */
  reports(arrivedMs: number): boolean;
  /** Whether from the number of a record of this arrival on all numbers must be in what is read. */
  judges(arrivedMs: number): boolean;
}

/**
 * Records of one instance go to several shards, which take them within its request's time and by clocks of their own:
 * that close to the ends of what is read, a number that is not in it proves nothing.
 */
const EDGE_MS = 60_000;

export function wantedOf({ request, knownAt }: Pick<Plan, 'request' | 'knownAt'>): Wanted {
  return request.verb === 'verify' ? wantedByArrival(request, knownAt) : wantedByBucket(request);
}

/**
 * The period that a certificate speaks of: the one asked for, as far as it is known. What arrived after that moment may be
 * archived and not projected yet: it is for the next certificate, and not missing from this one.
 */
export function certifiedPeriod(
  { from, to }: Pick<VerifyRequest, 'from' | 'to'>,
  knownAt: string,
): { readonly from?: string; readonly to: string } {
  const end = to === undefined || Date.parse(to) > Date.parse(knownAt) ? knownAt : to;
  return { ...(from !== undefined && { from }), to: end };
}

function wantedByArrival(request: VerifyRequest, knownAt: string): Wanted {
  const { fromMs: from, toMs: to } = rangeMs(
    request.certificate ? certifiedPeriod(request, knownAt) : request,
  );
  // What was acknowledged before that moment is archived, on all shards.
  const known = Math.min(Date.parse(knownAt), to - EDGE_MS);
  return {
    events: request.certificate,
    identities: false,
    numbers: true,
    bucket: () => true,
    arrival: (arrivedMs) => arrivedMs >= from && arrivedMs < to,
    reports: (arrivedMs) => arrivedMs < known,
    judges: (arrivedMs) => arrivedMs >= from + EDGE_MS,
  };
}

function wantedByBucket(request: Exclude<RunRequest, { verb: 'verify' }>): Wanted {
  const identities = request.verb === 'reconcile' && request.identities;
  return {
    events: !identities,
    identities,
    numbers: false,
    bucket: bucketFilter(request),
    arrival: () => true,
    reports: () => false,
    judges: () => false,
  };
}

/** Tenant, subject, types, and windows that start in the range. */
function bucketFilter(request: Exclude<RunRequest, { verb: 'verify' }>): (key: BucketKey) => boolean {
  const { fromMs: from, toMs: to } = rangeMs(request);
  const { tenant, subject, types } = { tenant: undefined, subject: undefined, types: undefined, ...request };
  const windows = new Map<string, boolean>();
  const isInRange = (window: string) => {
    let known = windows.get(window);
    if (known === undefined) {
      const start = windowStart(window);
      known = start >= from && start < to;
      windows.set(window, known);
    }
    return known;
  };
  return (key) =>
    (tenant === undefined || key.tenant === tenant) &&
    (subject === undefined || key.subject === subject) &&
    (types === undefined || types.includes(key.type)) &&
    isInRange(key.window);
}
