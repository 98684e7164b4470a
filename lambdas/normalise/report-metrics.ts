import { count, countBy } from '../platform/metrics.ts';
import type { BatchResult } from './normalise-batch.ts';

/** What became of a batch's deliveries, by outcome, and how many come again. */
export function reportMetrics({ outcomes, failed }: Pick<BatchResult, 'outcomes' | 'failed'>): void {
  for (const [outcome, times] of Object.entries(outcomes)) countBy('deliveries', { outcome }, times);
  count({ deliveriesFailed: failed.length });
}
