/** By what usage is summed up. Days and months are those of UTC; `total` is the whole range. */
export type Period = 'hour' | 'day' | 'month' | 'total';
export const PERIODS: readonly Period[] = ['hour', 'day', 'month', 'total'];

/** A span of time in ms since the epoch; `endMs` is exclusive. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** The periods that a span touches, cut to it, in order. */
export function* cutPeriods({ startMs, endMs }: Span, by: Period): Generator<Span> {
  for (let at = startMs; at < endMs; ) {
    const end = Math.min(endMs, nextPeriod(at, by));
    yield { startMs: at, endMs: end };
    at = end;
  }
}

/** Whether a period begins at this moment. */
export function isPeriodStart(ms: number, by: Period): boolean {
  return nextPeriod(ms - 1, by) === ms;
}

/** Where the period that holds a moment ends. */
function nextPeriod(ms: number, by: Period): number {
  const date = new Date(ms);
  switch (by) {
    case 'hour':
      return date.setUTCHours(date.getUTCHours() + 1, 0, 0, 0);
    case 'day':
      return date.setUTCHours(24, 0, 0, 0);
    case 'month':
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
    case 'total':
      return Number.POSITIVE_INFINITY;
  }
}
