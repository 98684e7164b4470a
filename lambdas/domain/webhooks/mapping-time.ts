import { parseInstant } from '../instant.ts';
import type { Spot } from '../spot.ts';
import { numberText, type Scalar } from './exact-number.ts';
import { compileValue, type Source } from './mapping-value.ts';

/** How a time is written: RFC 3339, or seconds or milliseconds since 1970, with or without decimals. */
const FORMATS = ['rfc3339', 'unix-seconds', 'unix-ms'] as const;
type Format = (typeof FORMATS)[number];

/** A time could not be read: it is not there, or it is no time. */
export class TimeError extends Error {
  override readonly name = 'TimeError';
  readonly code: 'time-missing' | 'time-invalid';

  constructor(code: TimeError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Reads an event's time in canonical form; undefined where the time of the first receipt stands for it.
 * @throws TimeError, and ValueError
 */
export type TimeReader = (source: Source) => string | undefined;

const NO_HEADERS =
  'must be in the payload: a header tells of the attempt, so that each repetition would have another time';

/**
 * Compiles the time of a rule: a value, which is RFC 3339, or `{"value": …, "format": …, "orReceipt": true}`.
 * Without `orReceipt` an event that lacks its time is refused, so that none is counted in a wrong hour in silence.
 */
export function compileTime(spot: Spot): TimeReader | undefined {
  const options = spot.isObject && spot.at('value').given ? spot : undefined;
  if (options && !options.hasOnly(['value', 'format', 'orReceipt'])) return undefined;
  const format = options?.at('format');
  const orReceipt = options?.at('orReceipt');
  if (format?.given && !FORMATS.some((each) => each === format.value))
    return format.wrong(`one of ${FORMATS.map((each) => `"${each}"`).join(', ')}`);
  if (orReceipt?.given && orReceipt.value !== true) return orReceipt.wrong('true, or left out');
  const read = compileValue(options ? options.at('value') : spot, { noHeaders: NO_HEADERS, inner: true });
  const written = (format?.value ?? 'rfc3339') as Format;
  return read && ((source) => readTime(read(source), written, orReceipt?.given === true));
}

function readTime(found: Scalar | undefined, format: Format, orReceipt: boolean): string | undefined {
  if (found === undefined) {
    if (orReceipt) return undefined;
    throw new TimeError('time-missing', 'the payload has no time where the mapping looks for it');
  }
  const instant =
    format === 'rfc3339'
      ? typeof found === 'string' && parseInstant(found)
      : parseInstant(fromEpoch(found, format) ?? '');
  if (instant) return instant.text;
  const wanted =
    format === 'rfc3339'
      ? 'RFC 3339 with a zone and at most 9 decimals'
      : `${format}, in the years 1970 to 9999`;
  throw new TimeError('time-invalid', `what the mapping finds as time is not written as ${wanted}`);
}

/** RFC 3339 of a count since the epoch, exact to the last decimal. */
function fromEpoch(value: Scalar, format: Exclude<Format, 'rfc3339'>): string | undefined {
  const [, whole = '', decimals = ''] = /^(\d{1,18})(?:\.(\d{1,9}))?$/.exec(numberText(value) ?? '') ?? [];
  if (whole === '') return undefined;
  const places = format === 'unix-ms' ? 3 : 0;
  const digits = whole.padStart(places + 1, '0');
  const seconds = Number(digits.slice(0, digits.length - places));
  if (seconds > 253_402_300_799) return undefined;
  const fraction = (digits.slice(digits.length - places) + decimals).replace(/0+$/, '');
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}${fraction ? `.${fraction}` : ''}Z`;
}
