import { parseInstant } from '../instant.ts';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What {@link readTime} takes, in words. */
export const TIMES = 'a time such as 2026-11-21T07:05:00Z, a date, or so long ago: 90m, 24h, 7d';

/** A time as people write it, in ms since the epoch: RFC 3339, a date (its first moment), or so long ago. */
export function readTime(text: string, nowMs: number): number | undefined {
  const [, count, unit] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return nowMs - Number(count) * UNITS[unit!]!;
  return parseInstant(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text)?.ms;
}
