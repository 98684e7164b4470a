import { priceOf } from '../lib/prices.ts';
import type { Agreement } from './metering/dynamo-meter.ts';

const MILLION = 1_000_000;

/** What counting costs in the tables that hold state, or remember what was counted. */
export interface StateCost {
  readonly approach: string;
  readonly workload: string;
  readonly writesEach: number;
  readonly readsEach: number;
  readonly usdPerMillion: number;
  readonly agreement?: Agreement;
}

/** @param agreement of the meter that counted it, where it is not reported elsewhere */
export function stateCost(
  approach: string,
  workload: string,
  writesEach: number,
  readsEach: number,
  agreement?: Agreement,
): StateCost {
  const usdPerMillion =
    priceOf('dynamoWrite', writesEach * MILLION) + priceOf('dynamoRead', readsEach * MILLION);
  return { approach, workload, writesEach, readsEach, usdPerMillion, ...(agreement && { agreement }) };
}
