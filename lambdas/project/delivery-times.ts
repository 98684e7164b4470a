import type { BucketKey } from '../domain/bucket.ts';
import type { Contracts } from '../domain/contract.ts';
import { contractOf } from '../domain/count-events.ts';
import { windowLength, windowStart } from '../domain/window.ts';

/** Later than this after its receipt an event is delivered late: docs/runbook.md, "delivered". */
const PROMISED_MS = 60_000;
/** Times that are written of one batch. One more would be another line of metrics. */
const MAX_TIMES = 99;

/** How long the events of a batch took from their receipt to state. What recovery sends again is not among them. */
export interface Delivery {
  /** Events counted later than 60 s after their receipt. */
  readonly deliveredLate: number;
  /** Events counted that were received when their window had ended already, however little before. */
  readonly lateEvents: number;
  /** Of some records, evenly over the batch, the time until the last of their events was in state, ms. */
  readonly endToEnd: readonly number[];
}

/** Takes the times of one batch. */
export class DeliveryTimes {
  /** Time of the record's last event by the record's index. */
  readonly #times = new Map<number, number>();
  #deliveredLate = 0;
  #lateEvents = 0;

  /**
   * An event is in state.
   *
   * @param receivedMs ms since the epoch, as `nowMs`
   * @param endMs end of its window; undefined where that is not known
   */
  add(record: number, receivedMs: number, endMs: number | undefined, nowMs: number): void {
    // Instances' clocks may differ by a little.
    const took = Math.max(0, nowMs - receivedMs);
    if (took > PROMISED_MS) this.#deliveredLate++;
    if (endMs !== undefined && receivedMs >= endMs) this.#lateEvents++;
    this.#times.set(record, Math.max(took, this.#times.get(record) ?? 0));
  }

  result(): Delivery {
    const times = [...this.#times].sort(([a], [b]) => a - b).map(([, took]) => took);
    const step = Math.max(1, times.length / MAX_TIMES);
    const some = Array.from(
      { length: Math.min(times.length, MAX_TIMES) },
      (_, i) => times[Math.floor(i * step)]!,
    );
    return { deliveredLate: this.#deliveredLate, lateEvents: this.#lateEvents, endToEnd: some };
  }
}

/** When the bucket's window ends, exclusive, ms since the epoch. */
export function windowEnd(contracts: Contracts, { type, window }: BucketKey): number | undefined {
  const contract = contractOf(contracts, type);
  return contract && windowStart(window) + windowLength(contract.bucket);
}
