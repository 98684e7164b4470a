import { logger } from '../platform/logger.ts';
import { count } from '../platform/metrics.ts';
import type { Tally } from './answer-items.ts';

/** Tells what became of a request's items: in numbers that say nothing of whose they are, which the log does. */
export function reportTally(tally: Tally, codes: Readonly<Record<string, number>>): void {
  count({ ...tally });
  if (tally.quarantined + tally.refused > 0) logger.info('not all accepted', { ...tally, codes });
}
