import type { Contracts } from '../contract.ts';
import { QUARANTINE_TYPE } from '../count-events.ts';
import { compareSequences } from '../log-record.ts';
import type { Few, ManifestEntry } from '../manifest.ts';
import { contractOfEvent, PROBE_CONTRACT } from '../probe.ts';
import { rangeMs } from './range-ms.ts';
import type { RunRequest } from './request.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** No window is longer. */
const LONGEST_WINDOW_MS = DAY_MS;
/** How far the clocks that write `at`, and check how early an event is, may be ahead of the log's. */
const CLOCKS_APART_MS = 10 * MINUTE_MS;
/**
 * How long after an event's arrival the projector may still refuse it: records are kept 7 days, and what it gave up waits
 * in the repair queue, at most 14 days.
 */
const REFUSED_WITHIN_MS = 21 * DAY_MS;

/** Which archive objects a run reads, by their manifest entries alone. */
export interface Selection {
  /** Arrivals before this, ms since the epoch, are of no interest. */
  readonly arrivedFromMs: number;
  /** Nor are these, and any after them. */
  readonly arrivedToMs: number;
  readonly shardId?: string;
  selects(entry: ManifestEntry): boolean;
}

/**
 * What a request reads. It never leaves out an object that holds what is asked for, and may take others along. Of fold
 * verbs, which ask for windows, arrivals have no end: an event may come late, and be sent again at any time.
 */
export function selectionOf(request: RunRequest, contracts: Contracts): Selection {
  if (request.verb === 'replay') return ofReplay(request);
  if (request.verb === 'redrive') return ofRedrive(request);
  if (request.verb === 'verify') return ofVerify(request);
  return ofFold(request, contracts);
}

type Of<V extends RunRequest['verb']> = Extract<RunRequest, { verb: V }>;

function ofReplay(request: Of<'replay'>): Selection {
  const { tenant, types, shard } = request;
  return during(
    request,
    (entry) =>
      entry.events > 0 &&
      mayHold(entry.tenants, tenant) &&
      mayHoldAny(entry.types, types) &&
      (shard === undefined || overlaps(entry, shard)),
    shard?.shardId,
  );
}

function ofRedrive(request: Of<'redrive'>): Selection {
  if ('queue' in request) return during(request, () => false);
  const { tenant, fingerprint } = request;
  return during(
    request,
    (entry) => mayHold(entry.tenants, tenant) && mayHold(entry.fingerprints, fingerprint),
  );
}

/** A certificate says of each event of the range what became of it: also what the projector said later. */
function ofVerify(request: Of<'verify'>): Selection {
  const { fromMs: arrivedFromMs, toMs: arrivedToMs } = rangeMs(request);
  if (!request.certificate) return during(request, () => true);
  return {
    arrivedFromMs,
    arrivedToMs: arrivedToMs + REFUSED_WITHIN_MS,
    selects: (entry) =>
      isDuring(entry, arrivedFromMs, arrivedToMs) ||
      (hasQuarantine(entry) && isDuring(entry, arrivedFromMs, arrivedToMs + REFUSED_WITHIN_MS)),
  };
}

/**
 * Events by their times; quarantine by arrival alone, as its time is that of its receipt. It is read whenever buckets are
 * compared, whatever their type: what the projector refused is not missing.
 */
function ofFold(request: Of<'reconcile' | 'preview' | 'rebuild'>, contracts: Contracts): Selection {
  const { tenant, types, from, to } = request;
  // Who asks for everything gets every object, whatever is said of it: chains do not cover what an entry says it holds.
  if ([tenant, types, from, to].every((limit) => limit === undefined)) return during(request, () => true);
  const { fromMs, toMs } = rangeMs(request);
  const compares = request.verb === 'reconcile' && !request.identities;
  const wantsQuarantine = compares || !types || types.includes(QUARANTINE_TYPE);
  const arrivedFromMs = fromMs - earliestMs(types, contracts) - CLOCKS_APART_MS;
  return {
    arrivedFromMs,
    arrivedToMs: Number.POSITIVE_INFINITY,
    selects: (entry) =>
      isDuring(entry, arrivedFromMs, Number.POSITIVE_INFINITY) &&
      mayHold(entry.tenants, tenant) &&
      ((wantsQuarantine && hasQuarantine(entry)) ||
        (mayHoldAny(entry.types, types) && happensDuring(entry, fromMs, toMs + LONGEST_WINDOW_MS))),
  };
}

/** How long before its window an event may arrive. */
function earliestMs(types: readonly string[] | undefined, contracts: Contracts): number {
  const all = types
    ? types.flatMap((type) => contractOfEvent(contracts, type) ?? [])
    : [...contracts.values(), PROBE_CONTRACT];
  return all.reduce((most, { earlyMs }) => Math.max(most, earlyMs), 0);
}

function during(
  request: Parameters<typeof rangeMs>[0],
  holds: (entry: ManifestEntry) => boolean,
  shardId?: string,
): Selection {
  const { fromMs: arrivedFromMs, toMs: arrivedToMs } = rangeMs(request);
  return {
    arrivedFromMs,
    arrivedToMs,
    ...(shardId !== undefined && { shardId }),
    selects: (entry) => isDuring(entry, arrivedFromMs, arrivedToMs) && holds(entry),
  };
}

// What can't be read of an entry is NaN here, and excludes nothing: better read an object too many.

function isDuring({ arrived }: ManifestEntry, fromMs: number, toMs: number): boolean {
  return !(Date.parse(arrived.to) < fromMs || Date.parse(arrived.from) >= toMs);
}

function happensDuring({ times }: ManifestEntry, fromMs: number, toMs: number): boolean {
  return times !== undefined && !(Date.parse(times.to) < fromMs || Date.parse(times.from) >= toMs);
}

function overlaps(
  entry: ManifestEntry,
  { shardId, first, last }: NonNullable<Of<'replay'>['shard']>,
): boolean {
  return (
    entry.shardId === shardId &&
    (first === undefined || compareSequences(entry.last, first) >= 0) &&
    (last === undefined || compareSequences(entry.first, last) <= 0)
  );
}

function hasQuarantine({ fingerprints }: ManifestEntry): boolean {
  return fingerprints.length > 0;
}

function mayHold(few: Few, one: string | undefined): boolean {
  return one === undefined || few === 'many' || few.includes(one);
}

function mayHoldAny(few: Few, some: readonly string[] | undefined): boolean {
  return some === undefined || few === 'many' || some.some((one) => few.includes(one));
}
