/** A moment in canonical form: UTC, at most nine decimals, none of them a trailing zero. */
export interface Instant {
  readonly text: string;
  /** Whole milliseconds since the epoch, rounded down. */
  readonly ms: number;
}

const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/**
 * Reads an RFC 3339 timestamp with up to nine decimals. Undefined for anything else: more decimals, a day that the
 * month doesn't have, a leap second (POSIX time has none), a moment outside the years 0000 to 9999.
 */
export function parseInstant(text: string): Instant | undefined {
  const match = RFC3339.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, decimals = '', sign, offsetHours, offsetMinutes] = match;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const localMs = Date.parse(`${local}Z`);
  // Date.parse takes 24:00:00 and, in some months, day 31: what it printed back must be what was written.
  if (Number.isNaN(localMs) || new Date(localMs).toISOString().slice(0, 19) !== local) return undefined;
  const offsetMs = sign ? (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000 : 0;
  const wholeMs = sign === '-' ? localMs + offsetMs : localMs - offsetMs;
  const whole = offsetMs === 0 ? local : utcSeconds(wholeMs);
  if (whole === undefined) return undefined;
  const fraction = decimals.replace(/0+$/, '');
  return {
    text: fraction ? `${whole}.${fraction}Z` : `${whole}Z`,
    ms: wholeMs + (decimals ? Number(decimals.padEnd(3, '0').slice(0, 3)) : 0),
  };
}

function utcSeconds(ms: number): string | undefined {
  const text = new Date(ms).toISOString();
  return text.length === 24 ? text.slice(0, 19) : undefined;
}

/** Orders two canonical instants: negative where `a` is earlier. As text they don't sort: `.` is less than `Z`. */
export function compareInstants(a: string, b: string): number {
  if (a === b) return 0;
  const left = a.slice(0, -1);
  const right = b.slice(0, -1);
  return left < right ? -1 : 1;
}
