/** Minutes since the epoch, UTC. */
export type Minute = number;

export const MINUTES_A_DAY = 1_440;

/** Gaps are remembered over one to two of these: longer than a week, so that each holds a weekend. */
const SPAN = 8 * MINUTES_A_DAY;
/** While a producer is known for less than a span, its pattern may be any that repeats within a week. */
const UNKNOWN_PATTERN = 7 * MINUTES_A_DAY;
/** Whoever sent for less than this, from first to last, has no pattern: somebody tried something out. */
const TRIED_OUT = MINUTES_A_DAY;
/** Who is away for so long is forgotten. */
export const FORGOTTEN_AFTER = 14 * MINUTES_A_DAY;
const TOLERANCE = 1.5;
/** What instances of ingest may hold back, and more. */
const MARGIN = 10;

/** When a producer was seen, and how long it usually is not. */
export interface Seen {
  readonly tenant: string;
  readonly producer: string;
  readonly first: Minute;
  readonly last: Minute;
  /** Longest time between two sightings that ended in span number `span`, and in the one before, in minutes. */
  readonly gap: number;
  readonly gapBefore: number;
  readonly span: number;
}

/** A producer that was seen in a minute that is not before its last one. */
export function see(seen: Seen | undefined, names: Pick<Seen, 'tenant' | 'producer'>, minute: Minute): Seen {
  const span = Math.floor(minute / SPAN);
  if (!seen) return { ...names, first: minute, last: minute, gap: 0, gapBefore: 0, span };
  if (minute <= seen.last) return seen;
  const gap = minute - seen.last;
  return span === seen.span
    ? { ...seen, last: minute, gap: Math.max(seen.gap, gap) }
    : { ...seen, last: minute, gap, gapBefore: seen.gap, span };
}

/**
 * Longest time that a producer may not be seen before it counts as silent, in minutes: half as much again as its longest gap of
 * the last eight to sixteen days, and ten minutes; a week and ten minutes while it is known for less than eight days. So no
 * pattern that repeats within a week is ever called silent. Undefined where there is no pattern to speak of.
 */
export function allowedGap({ first, last, gap, gapBefore }: Seen): number | undefined {
  const known = last - first;
  if (known < TRIED_OUT) return undefined;
  const usual = TOLERANCE * Math.max(gap, gapBefore);
  return Math.ceil(known < SPAN ? Math.max(UNKNOWN_PATTERN, usual) : usual) + MARGIN;
}

/** Whether a producer that used to send has stopped, as seen when `now` has passed. */
export function isSilent(seen: Seen, now: Minute): boolean {
  const allowed = allowedGap(seen);
  return allowed !== undefined && now - seen.last > allowed && !isForgotten(seen, now);
}

export function isForgotten({ last }: Seen, now: Minute): boolean {
  return now - last > FORGOTTEN_AFTER;
}

/** As if `minutes` had not been: nobody was watching. */
export function passOver(seen: Seen, minutes: number): Seen {
  return { ...seen, first: seen.first + minutes, last: seen.last + minutes };
}

export function minuteOf(ms: number): Minute {
  return Math.floor(ms / 60_000);
}

/** `YYYY-MM-DDTHH:MM` */
export function minuteName(minute: Minute): string {
  return new Date(minute * 60_000).toISOString().slice(0, 16);
}
