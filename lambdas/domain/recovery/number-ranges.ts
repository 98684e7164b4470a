/** Numbers as closed ranges in rising order, none touching another. */
export type NumberRanges = readonly (readonly [first: number, last: number])[];

/** The ranges together, given in any order. */
export function unite(ranges: NumberRanges): [number, number][] {
  const united: [number, number][] = [];
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const before = united.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else united.push([first, last]);
  }
  return united;
}

/** What of `all` is not in `without`. Both must be united. */
export function subtract(all: NumberRanges, without: NumberRanges): [number, number][] {
  const left: [number, number][] = [];
  let at = 0;
  for (const [first, last] of all) {
    let from = first;
    while (at < without.length && without[at]![1] < from) at++;
    for (let next = at; from <= last && next < without.length && without[next]![0] <= last; next++) {
      const [start, end] = without[next]!;
      if (start > from) left.push([from, start - 1]);
      from = Math.max(from, end + 1);
    }
    if (from <= last) left.push([from, last]);
  }
  return left;
}

export function countNumbers(ranges: NumberRanges): number {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** Whether it is ranges of numbers, as a writer in order reports them. */
export function isRanges(value: unknown): value is NumberRanges {
  return Array.isArray(value) && value.every(isRange);
}

function isRange(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [first, last] = value;
  return Number.isSafeInteger(first) && Number.isSafeInteger(last) && first >= 1 && first <= last;
}
