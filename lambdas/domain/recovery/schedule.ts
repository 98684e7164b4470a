import { parseInstant } from '../instant.ts';
import type { ReconcileRequest } from './request.ts';

/** What a rule of the schedule hands to `recover`. */
export interface ScheduleEvent {
  readonly scheduled: 'hourly' | 'nightly';
  /** When it was to fire, RFC 3339: a rule that fires twice for one time asks for the same run. */
  readonly time: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export function isScheduled(event: unknown): event is ScheduleEvent {
  return typeof event === 'object' && event !== null && 'scheduled' in event;
}

/**
 * The runs that are due. Hourly: the windows that began in the hour before last, so that each has been closed for an hour
 * at least, and what came a little late is in it. Nightly: all windows of the UTC day before, and then the same day's
 * identities.
 * @throws Error where the event is not one of the schedule's
 */
export function scheduledRequests({ scheduled, time }: ScheduleEvent): readonly ReconcileRequest[] {
  const now = typeof time === 'string' ? parseInstant(time)?.ms : undefined;
  if (now === undefined || (scheduled !== 'hourly' && scheduled !== 'nightly')) {
    throw new Error(
      'A rule must send {"scheduled": "hourly" or "nightly", "time": its time (RFC 3339)}: deploy the recovery stack again.',
    );
  }
  if (scheduled === 'hourly') {
    const from = Math.floor(now / HOUR_MS) * HOUR_MS - 2 * HOUR_MS;
    const hour = new Date(from).toISOString().slice(0, 13).replaceAll('-', '');
    return [reconcile(`hourly-${hour}`, from, from + HOUR_MS, false)];
  }
  const from = Math.floor(now / DAY_MS) * DAY_MS - DAY_MS;
  const day = new Date(from).toISOString().slice(0, 10);
  return [
    reconcile(`nightly-${day}`, from, from + DAY_MS, false),
    reconcile(`nightly-identities-${day}`, from, from + DAY_MS, true),
  ];
}

function reconcile(requestId: string, from: number, to: number, identities: boolean): ReconcileRequest {
  return {
    verb: 'reconcile',
    requestId,
    operator: 'schedule',
    reason: identities
      ? 'looks for one identity in two buckets, each night'
      : 'compares closed windows with the archive',
    dryRun: false,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    repair: false,
    identities,
    rate: 500,
    maxLagSeconds: 30,
  };
}
