import type { BucketSize } from './contract.ts';

const MINUTE = 60_000;
const LENGTH_MS: Readonly<Record<BucketSize, number>> = {
  PT15M: 15 * MINUTE,
  PT30M: 30 * MINUTE,
  PT1H: 60 * MINUTE,
  P1D: 1440 * MINUTE,
};
const NAME_LENGTH: Readonly<Record<BucketSize, number>> = { PT15M: 16, PT30M: 16, PT1H: 13, P1D: 10 };

/** One window of UTC time; `endMs` is exclusive, both in ms since the epoch. */
export interface Window {
  /** Start, cut to its precision: `2026-11-21`, `2026-11-21T07` or `2026-11-21T07:15`. */
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** The window of the given size that holds the moment `ms`. */
export function windowOf(size: BucketSize, ms: number): Window {
  const length = LENGTH_MS[size];
  const startMs = Math.floor(ms / length) * length;
  return { name: windowName(size, startMs), startMs, endMs: startMs + length };
}

/** The name of the window that starts at `startMs`. */
export function windowName(size: BucketSize, startMs: number): string {
  return new Date(startMs).toISOString().slice(0, NAME_LENGTH[size]);
}

const NAMES: Readonly<Record<number, string>> = { 10: 'T00:00:00.000Z', 13: ':00:00.000Z', 16: ':00.000Z' };

/** When the window of this name starts, in ms since the epoch; NaN for what is no window's name. */
export function windowStart(name: string): number {
  const text = `${name}${NAMES[name.length] ?? ''}`;
  const ms = Date.parse(text);
  // Date.parse takes hour 24, day 31 of any month and much that is no ISO 8601: what it prints must be what was given.
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text ? ms : Number.NaN;
}

/** Length of a window in ms. */
export function windowLength(size: BucketSize): number {
  return LENGTH_MS[size];
}
