/**
 * Numbers of a payload as mappings see them: an ordinary number wherever a double holds what was sent, and else its
 * text, which can be taken and passed on but not computed with. So no amount is ever rounded on its way.
 */

/** ES2025's raw JSON, which TypeScript's library does not know yet. */
const { rawJSON, isRawJSON, parse } = JSON as unknown as {
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
};

/** A number as its text. `JSON.stringify` writes it out as it is. */
export interface RawNumber {
  readonly rawJSON: string;
}

/** What one field of an event can be. */
export type Scalar = string | number | boolean | RawNumber;

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** Zeros that plain notation may add: beyond, a number is of no use to any meter. */
const MAX_ZEROS = 40;

/** Parses JSON; numbers that a double would change stay text. The text must be valid, and no deeper than some thousand levels. */
export function readLossless(text: string): unknown {
  return parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && isLossy(value, source) ? rawJSON(source) : value,
  );
}

function isLossy(value: number, source: string): boolean {
  const text = String(value);
  return text !== source && canonical(text) !== canonical(source);
}

/** One spelling for each number: its digits without outer zeros, and a power of ten. Undefined for what is no number. */
export function canonical(text: string): string | undefined {
  const match = NUMBER.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  return `${sign}${significant}e${power}`;
}

export function isScalar(value: unknown): value is Scalar {
  const kind = typeof value;
  return kind === 'string' || kind === 'boolean' || Number.isFinite(value) || isRawJSON(value);
}

/** The text of a number, or of a string that holds one in plain notation (-12.50); undefined for all else. */
export function numberText(value: Scalar): string | undefined {
  if (typeof value === 'boolean') return undefined;
  if (typeof value === 'string') return /^-?\d+(?:\.\d+)?$/.test(value) ? value : undefined;
  return plainNotation(typeof value === 'number' ? String(value) : value.rawJSON);
}

/** A number's text without an exponent; undefined where that would take more than forty zeros. */
function plainNotation(text: string): string | undefined {
  const [, sign, whole = '', fraction = '', exponent] = NUMBER.exec(text)!;
  if (exponent === undefined) return text;
  if (Math.abs(Number(exponent)) > MAX_ZEROS) return undefined;
  // value = digits × 10^power
  const power = Number(exponent) - fraction.length;
  const digits = whole + fraction + '0'.repeat(Math.max(0, power));
  const decimals = Math.max(0, -power);
  const padded = digits.padStart(decimals + 1, '0');
  const integer = padded.slice(0, padded.length - decimals).replace(/^0+(?=.)/, '');
  return `${sign}${integer}${decimals > 0 ? `.${padded.slice(-decimals)}` : ''}`;
}

/** The number with the other sign, as exact as it was and as the same kind; undefined for what is no number. */
export function negate(value: Scalar): Scalar | undefined {
  if (typeof value === 'number') return value === 0 ? 0 : -value;
  const text =
    typeof value === 'string' ? numberText(value) : typeof value === 'boolean' ? undefined : value.rawJSON;
  if (text === undefined) return undefined;
  const negated = text.startsWith('-') ? text.slice(1) : canonical(text) === '0' ? text : `-${text}`;
  return typeof value === 'string' ? negated : rawJSON(negated);
}

/** The value as `JSON.parse` would have read it. */
export function toPlain(value: Scalar): string | number | boolean {
  return isRawJSON(value) ? Number(value.rawJSON) : value;
}
