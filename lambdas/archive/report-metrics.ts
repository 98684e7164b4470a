import type { LogRecord } from '../domain/log-record.ts';
import { count, took } from '../platform/metrics.ts';
import type { Archived } from './archive-batch.ts';

/** Later than this after its receipt an event is archived late: docs/runbook.md, "archived". */
const PROMISED_MS = 5 * 60_000;

/** Writes what was archived of a batch, in numbers. */
export function reportMetrics(
  { records: archivedRecords, events: archivedEvents, bytes: archivedBytes, received }: Archived,
  records: readonly LogRecord[],
  nowMs: number,
): void {
  const archivedLate = lateOf(received, nowMs);
  count({ archivedRecords, archivedEvents, archivedBytes, archivedLate });
  took('archiveLag', nowMs - (records[0]?.arrivedMs ?? nowMs));
}

/** Events that were archived later than promised, if they are archived now. */
export function lateOf(received: Archived['received'], nowMs: number): number {
  return received
    .filter(({ atMs }) => nowMs - atMs > PROMISED_MS)
    .reduce((sum, { events }) => sum + events, 0);
}
