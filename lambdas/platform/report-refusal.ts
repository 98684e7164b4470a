import { logger } from './logger.ts';
import { count } from './metrics.ts';

/** Records that the log refused, and why. */
interface Refusal {
  readonly records: number;
  readonly reason: string;
  readonly willRetry: boolean;
}

/** Tells of them as every writer to the log does: most are tried again, and only make it slower. */
export function reportRefusal(refusal: Refusal): void {
  count({ logRefusals: refusal.records });
  logger.warn('the log refused records', { ...refusal });
}
