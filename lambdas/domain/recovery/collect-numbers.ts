import type { ArchivedRecord } from './archived-record.ts';
import { isRanges, type NumberRanges, unite } from './number-ranges.ts';
import type { AckLine } from './shuffle.ts';
import type { Wanted } from './wanted-lines.ts';

interface Collected {
  readonly seen: [number, number][];
  readonly acked: [number, number][];
  judgedFrom?: number;
}

/** Numbers of the writing instances whose records one object holds. */
export class NumberCollector {
  readonly #byInstance = new Map<string, Collected>();
  readonly #wanted: Pick<Wanted, 'reports' | 'judges'>;

  constructor(wanted: Pick<Wanted, 'reports' | 'judges'>) {
    this.#wanted = wanted;
  }

  add({ envelope, arrived }: ArchivedRecord): void {
    if (!envelope) return;
    const { iid, n, acked } = envelope as { iid: string; n: unknown; acked: unknown };
    let collected = this.#byInstance.get(iid);
    if (!collected) {
      collected = { seen: [], acked: [] };
      this.#byInstance.set(iid, collected);
    }
    const arrivedMs = Date.parse(arrived);
    // A reader of envelopes has no need of these, so nobody has looked at them yet.
    const own = [[n, n]];
    if (isRanges(own)) {
      addAll(collected.seen, own);
      if (this.#wanted.judges(arrivedMs))
        collected.judgedFrom = Math.min(collected.judgedFrom ?? own[0]![0], own[0]![0]);
    }
    if (isRanges(acked) && this.#wanted.reports(arrivedMs)) addAll(collected.acked, acked);
  }

  lines(object: string): readonly AckLine[] {
    return [...this.#byInstance].map(([iid, { seen, acked, judgedFrom }]) => ({
      kind: 'ack',
      iid,
      object,
      seen: unite(seen),
      acked: unite(acked),
      ...(judgedFrom !== undefined && { judgedFrom }),
    }));
  }
}

/** Numbers mostly rise by one: so they stay few ranges. */
function addAll(ranges: [number, number][], more: NumberRanges): void {
  for (const [first, last] of more) {
    const before = ranges.at(-1);
    if (before && first >= before[0] && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else ranges.push([first, last]);
  }
}
