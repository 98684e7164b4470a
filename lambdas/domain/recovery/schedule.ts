import { parseInstant } from '../instant.ts';
import type { ReconcileRequest } from './request.ts';

/** What a rule of the schedule hands to `recover`. */
export interface ScheduleEvent {
  readonly scheduled: 'hourly' | 'nightly' | 'identities';
  /** When it was to fire, RFC 3339: a rule that fires twice for one time asks for the same run. */
  readonly time: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const REASONS = {
  hourly: 'compares the windows that have closed with the archive, each hour',
  nightly: 'compares all windows of the day before with the archive, each night',
  identities: 'looks for identities of the two days before in two buckets, each night',
} as const;

/** Runs of the schedule have these names, and envelopes that were repaired carry the last one. */
const RESERVED = /^(?:hourly-|nightly-|identities-|repair-shard)/;

/** Whether only Weir itself may begin a run of this name. */
export function isReserved(requestId: string): boolean {
  return RESERVED.test(requestId);
}

export function isScheduled(event: unknown): event is ScheduleEvent {
  return typeof event === 'object' && event !== null && 'scheduled' in event;
}

/**
 * The run that is due. Hourly: the windows that began in the hour before last, so that each hour has been closed for an
 * hour, and what came a little late is in it. Nightly: all windows of the UTC day before. Identities: those of that day
 * and the one before it, in two buckets: of what was sent again after midnight, the first is of another day.
 * @throws Error where the event is not one of the schedule's
 */
export function scheduledRequest({ scheduled, time }: ScheduleEvent): ReconcileRequest {
  const now = typeof time === 'string' ? parseInstant(time)?.ms : undefined;
  if (now === undefined || !['hourly', 'nightly', 'identities'].includes(scheduled)) {
    throw new Error(
      'A rule must send {"scheduled": "hourly", "nightly" or "identities", "time": its time (RFC 3339)}: deploy recovery again.',
    );
  }
  const length = scheduled === 'hourly' ? HOUR_MS : DAY_MS;
  const back = scheduled === 'hourly' ? 2 : 1;
  const last = (Math.floor(now / length) - back) * length;
  const start = new Date(last).toISOString();
  const name = scheduled === 'hourly' ? start.slice(0, 13).replaceAll('-', '') : start.slice(0, 10);
  return {
    verb: 'reconcile',
    requestId: `${scheduled}-${name}`,
    operator: 'schedule',
    reason: REASONS[scheduled],
    dryRun: false,
    from: scheduled === 'identities' ? new Date(last - length).toISOString() : start,
    to: new Date(last + length).toISOString(),
    repair: false,
    identities: scheduled === 'identities',
    rate: 500,
    maxLagSeconds: 30,
  };
}

/** What the same rule handed over the time before. */
export function scheduledBefore({ scheduled, time }: ScheduleEvent): ScheduleEvent {
  const length = scheduled === 'hourly' ? HOUR_MS : DAY_MS;
  return { scheduled, time: new Date(Date.parse(time) - length).toISOString() };
}
