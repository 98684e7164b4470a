/**
 * Exact decimal numbers of a fixed scale, as whole units: 12.5 at scale 2 is 1250n. Sums of such units are exact and
 * commutative, which is what makes counting independent of order.
 */

const GRAMMAR = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;
const BOUND_DIGITS = 18;
const POWERS = Array.from({ length: 40 }, (_, exponent) => 10n ** BigInt(exponent));

/** Largest number of decimals that a meter can keep. */
export const MAX_SCALE = 9;

/**
 * The value in units of 10^-scale, rounded half-even. A number is taken as its shortest decimal representation.
 * Undefined where it can't be counted: not a decimal, |value| ≥ 10^18, or an integer number of 2^53 or more, which
 * may not be the one that was sent.
 */
export function toUnits(value: number | string, scale: number): bigint | undefined {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return BigInt(value) * POWERS[scale]!;
    if (!Number.isFinite(value) || Number.isInteger(value)) return undefined;
    return textToUnits(String(value), scale);
  }
  return textToUnits(value, scale);
}

function textToUnits(text: string, scale: number): bigint | undefined {
  const match = text.length <= 1100 ? GRAMMAR.exec(text) : null;
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const digits = (whole + fraction).replace(/^0+(?=.)/, '');
  // value = digits × 10^power
  const power = Number(exponent) - fraction.length;
  if (digits === '0') return 0n;
  if (digits.length + power > BOUND_DIGITS) return undefined;
  const units = shift(digits, power + scale);
  return sign ? -units : units;
}

/** digits × 10^places, rounded half-even to a whole number. `places` is at most BOUND_DIGITS + MAX_SCALE here. */
function shift(digits: string, places: number): bigint {
  if (places >= 0) return BigInt(digits) * POWERS[places]!;
  const kept = digits.length + places;
  if (kept < 0) return 0n;
  const units = BigInt(digits.slice(0, kept) || '0');
  const dropped = digits.slice(kept);
  const first = dropped.charCodeAt(0) - 48;
  const half = first === 5 && /^50*$/.test(dropped);
  return first > 5 || (first === 5 && !half) || (half && units % 2n === 1n) ? units + 1n : units;
}

/** Plain decimal text of units at a scale: no exponent, no trailing zeros, no minus before zero. */
export function formatUnits(units: bigint, scale: number): string {
  if (scale === 0) return units.toString();
  const negative = units < 0n;
  const digits = (negative ? -units : units).toString().padStart(scale + 1, '0');
  const fraction = digits.slice(-scale).replace(/0+$/, '');
  const whole = digits.slice(0, -scale);
  return `${negative ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`;
}
