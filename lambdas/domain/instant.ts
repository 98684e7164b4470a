/** A moment in canonical form: UTC, at most nine decimals, none of them a trailing zero. */
export interface Instant {
  readonly text: string;
  /** Whole milliseconds since the epoch, rounded down. */
  readonly ms: number;
}

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
/** Where the seconds end, and the decimals begin if there are any. */
const SECONDS_END = 19;
const OFFSET_LENGTH = 6;

/**
 * Reads an RFC 3339 timestamp with up to nine decimals. Undefined for anything else: more decimals, a day that the
 * month doesn't have, a leap second (POSIX time has none), a moment outside the years 0000 to 9999.
 */
export function parseInstant(text: string): Instant | undefined {
  // A test alone and fixed places: a match would make a dozen strings for each of millions of events.
  if (!RFC3339.test(text)) return undefined;
  const local = `${text.slice(0, 10)}T${text.slice(11, SECONDS_END)}`;
  const localMs = Date.parse(`${local}Z`);
  // Date.parse takes 24:00:00 and, in some months, day 31; either way the day is another then.
  if (Number.isNaN(localMs) || new Date(localMs).getUTCDate() !== Number(text.slice(8, 10))) return undefined;
  const isUtc = text.endsWith('Z') || text.endsWith('z');
  const end = text.length - (isUtc ? 1 : OFFSET_LENGTH);
  const wholeMs = isUtc ? localMs : localMs - offsetMs(text.slice(end));
  const whole = wholeMs === localMs ? local : utcSeconds(wholeMs);
  if (whole === undefined) return undefined;
  const decimals = text.slice(SECONDS_END + 1, end);
  const fraction = decimals.endsWith('0') ? decimals.replace(/0+$/, '') : decimals;
  return {
    text: fraction ? `${whole}.${fraction}Z` : `${whole}Z`,
    ms: wholeMs + (decimals ? Number(decimals.padEnd(3, '0').slice(0, 3)) : 0),
  };
}

/** What `+hh:mm` or `-hh:mm` is ahead of UTC, in ms. */
function offsetMs(offset: string): number {
  const ms = (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6))) * 60_000;
  return offset.startsWith('-') ? -ms : ms;
}

function utcSeconds(ms: number): string | undefined {
  const text = new Date(ms).toISOString();
  return text.length === 24 ? text.slice(0, 19) : undefined;
}

/** Orders two canonical instants: negative where `a` is earlier. As text they don't sort: `.` is less than `Z`. */
export function compareInstants(a: string, b: string): number {
  if (a === b) return 0;
  if (a.length === b.length) return a < b ? -1 : 1;
  const left = a.slice(0, -1);
  const right = b.slice(0, -1);
  return left < right ? -1 : 1;
}
