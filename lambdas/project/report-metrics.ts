import type { LogRecord } from '../domain/log-record.ts';
import { count, took } from '../platform/metrics.ts';
import type { Projection } from './batch.ts';

/** Writes what became of a batch, in numbers: as many metrics, whoever its events are of. */
export function reportMetrics(
  { failedFrom: _, errors, errorsAt: __, causes: ___, endToEnd, ...counts }: Projection,
  records: readonly LogRecord[],
  nowMs: number,
): void {
  count({ ...counts, projectionFailures: errors.length });
  for (const ms of endToEnd) took('endToEnd', ms);
  took('lag', nowMs - (records.at(-1)?.arrivedMs ?? nowMs));
}
