import type { Ranges } from './envelope.ts';

/** Most ranges in one envelope, which bounds its size; what is left goes into the next. */
export const MAX_RANGES = 256;

/** What the next record is to carry: its own number, and the acknowledged numbers that it reports. */
export interface Numbering {
  readonly n: number;
  readonly acked: Ranges;
}

/** Numbers the records of one writing instance and keeps account of which the log has acknowledged. */
export interface AcknowledgementLedger {
  /** Takes the next number, and what is acknowledged and not yet reported. */
  next(): Numbering;
  /**
   * Says how a numbered record fared. Of one that was not acknowledged, what it was to report is reported again by a
   * later one; it may then be reported twice, which is harmless, and never not at all.
   */
  settle(n: number, acknowledged: boolean): void;
  /** What is acknowledged and in no record yet. */
  pending(): Ranges;
}

/**
 * A number that was acknowledged and is missing from the archive proves a loss, so each acknowledged number must reach
 * the log in a later envelope of the same instance. Only the last records of an instance, with no successor, go unreported.
 */
export function createLedger(): AcknowledgementLedger {
  let last = 0;
  let pending: [number, number][] = [];
  const carried = new Map<number, Ranges>();
  return {
    next() {
      last += 1;
      const acked = pending.slice(0, MAX_RANGES);
      pending = pending.slice(MAX_RANGES);
      carried.set(last, acked);
      return { n: last, acked };
    },
    settle(n, acknowledged) {
      const reported = carried.get(n);
      if (!reported) throw new RangeError(`record ${n} was never numbered, or is settled already`);
      carried.delete(n);
      if (acknowledged) addRange(pending, n, n);
      else for (const [first, end] of reported) addRange(pending, first, end);
    },
    pending: () => pending.map(([first, end]) => [first, end] as const),
  };
}

/** Adds a closed range to ranges in rising order, in place, joining what touches. */
function addRange(ranges: [number, number][], first: number, last: number): void {
  let at = ranges.length;
  while (at > 0 && ranges[at - 1]![0] > first) at -= 1;
  ranges.splice(at, 0, [first, last]);
  for (let i = Math.max(at, 1); i < ranges.length && i <= at + 1; ) {
    const before = ranges[i - 1]!;
    const here = ranges[i]!;
    if (here[0] > before[1] + 1) i += 1;
    else {
      before[1] = Math.max(before[1], here[1]);
      ranges.splice(i, 1);
    }
  }
}
