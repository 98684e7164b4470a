import { compilePointer } from '../pointer.ts';
import type { Spot } from '../spot.ts';
import { findExpressionProblem, MAX_EXPRESSION, runExpression } from './check-jmespath.ts';
import { isScalar, negate, numberText, type Scalar } from './exact-number.ts';

/** Longest text that a mapping takes from a delivery, in UTF-16 code units. */
export const MAX_TEXT = 512;
/** Most places of one list. */
const MAX_ALTERNATIVES = 8;

/** What values are read from. */
export interface Source {
  /** As `readLossless` has it. Undefined where the body is neither JSON nor a form. */
  readonly payload: unknown;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Reads one value of a delivery. Undefined where there is none: null and empty texts count as not there.
 * @throws ValueError where something is there that can't be taken.
 */
export type Reader = (source: Source) => Scalar | undefined;

/** Something is there that a mapping can't take; the message tells what kind of thing, never the thing. */
export class ValueError extends Error {
  override readonly name = 'ValueError';
}

/**
 * A value in a mapping: a JSON Pointer (begins with "/") or a JMESPath expression into the payload, `{"header": name}`,
 * `{"const": scalar}`; a list of these, of which the first that is there is taken; or `{"value": …}` with one of them and
 * what is to be done with it.
 */
const ALLOWED =
  'a JSON Pointer ("/a/b"), a JMESPath expression, {"header": "name"}, {"const": …}, {"value": …, "as" | "negate" | "prefix": …} or a list of them';
const SHAPING = ['value', 'as', 'negate', 'prefix'] as const;
const HEADER = /^[\w!#$%&'*+.^`|~-]{1,64}$/;

export interface ValueOptions {
  /** Whether headers may be read; if not, why. */
  readonly noHeaders?: string;
  /** Is told of each header that is read. */
  readonly onHeader?: (name: string) => void;
  /** Inside a `{"value": …}` there can't be another. */
  readonly inner?: boolean;
}

/** Compiles the value at a spot; notes each mistake and gives undefined where there is one. */
export function compileValue(spot: Spot, options: ValueOptions = {}): Reader | undefined {
  const { value } = spot;
  if (Array.isArray(value)) {
    const readers = spot
      .elements(MAX_ALTERNATIVES, 'values, of which the first that is there is taken')
      .map((element) => compileSingle(element, options));
    return (source) => {
      for (const read of readers) {
        const found = read?.(source);
        if (found !== undefined) return found;
      }
      return undefined;
    };
  }
  return compileSingle(spot, options);
}

function compileSingle(spot: Spot, options: ValueOptions): Reader | undefined {
  if (typeof spot.value === 'string') return scalarOf(compilePlace(spot));
  if (!spot.isObject) return spot.wrong(ALLOWED);
  if (spot.at('const').given) return compileConst(spot);
  if (spot.at('header').given) return compileHeader(spot, options);
  if (spot.at('value').given && !options.inner) return compileShaped(spot, options);
  return spot.wrong(ALLOWED);
}

/** A pointer or an expression: whatever it finds. */
export function compilePlace(spot: Spot): ((payload: unknown) => unknown) | undefined {
  const { value } = spot;
  if (typeof value !== 'string' || value.trim() === '')
    return spot.wrong('a JSON Pointer ("/a/b") or a JMESPath expression');
  if (!value.startsWith('/')) {
    const problem = findExpressionProblem(value);
    return problem ? spot.note(problem) : (payload) => runPlace(value, payload);
  }
  if (value.length > MAX_EXPRESSION)
    return spot.note(`is a pointer of more than ${MAX_EXPRESSION} characters`);
  try {
    return compilePointer(value);
  } catch (error) {
    return spot.note((error as RangeError).message);
  }
}

function runPlace(expression: string, payload: unknown): unknown {
  try {
    return runExpression(expression, payload ?? null);
  } catch (error) {
    throw new ValueError((error as Error).message, { cause: error });
  }
}

function scalarOf(place: ((payload: unknown) => unknown) | undefined): Reader | undefined {
  return place && (({ payload }) => checkScalar(place(payload)));
}

function checkScalar(value: unknown): Scalar | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (!isScalar(value)) {
    const kind = Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : 'no JSON';
    throw new ValueError(`it finds ${kind}; only texts, numbers and booleans can be taken`);
  }
  const text = typeof value === 'object' ? value.rawJSON : value;
  if (typeof text === 'string' && text.length > MAX_TEXT)
    throw new ValueError(`it finds ${text.length} characters; at most ${MAX_TEXT} can be taken`);
  return value;
}

function compileConst(spot: Spot): Reader | undefined {
  if (!spot.hasOnly(['const'])) return undefined;
  const constant = spot.at('const');
  const { value } = constant;
  const right = isScalar(value) && value !== '' && (typeof value !== 'string' || isTakeable(value));
  return right
    ? () => value
    : constant.wrong(`a text of at most ${MAX_TEXT} characters, a number or a boolean`);
}

const isTakeable = (text: string) => text.length <= MAX_TEXT && text.isWellFormed();

function compileHeader(spot: Spot, { noHeaders, onHeader }: ValueOptions): Reader | undefined {
  if (!spot.hasOnly(['header'])) return undefined;
  const header = spot.at('header');
  if (noHeaders) return header.note(noHeaders);
  if (typeof header.value !== 'string' || !HEADER.test(header.value)) return header.wrong("a header's name");
  const name = header.value.toLowerCase();
  onHeader?.(name);
  return ({ headers }) => checkScalar(Object.hasOwn(headers, name) ? headers[name] : undefined);
}

function compileShaped(spot: Spot, options: ValueOptions): Reader | undefined {
  if (!spot.hasOnly(SHAPING)) return undefined;
  const read = compileValue(spot.at('value'), { ...options, inner: true });
  const shape = compileShape(spot);
  if (!read || !shape) return undefined;
  return (source) => {
    const found = read(source);
    return found === undefined ? undefined : shape(found);
  };
}

/** What is done with a value once it is found. */
function compileShape(spot: Spot): ((value: Scalar) => Scalar) | undefined {
  const as = spot.at('as');
  const prefix = spot.at('prefix');
  const negated = spot.at('negate');
  if (as.given && as.value !== 'text' && as.value !== 'decimal') return as.wrong('"text" or "decimal"');
  if (negated.given && negated.value !== true) return negated.wrong('true, or left out');
  if (
    prefix.given &&
    (typeof prefix.value !== 'string' || prefix.value === '' || !/^[ -~]{1,64}$/.test(prefix.value))
  )
    return prefix.wrong('a text of 1 to 64 ASCII characters');
  if (prefix.given && (negated.given || as.value === 'decimal'))
    return prefix.note('makes a text; leave it out, or "negate" and "as"');
  if (negated.given && as.value === 'text')
    return as.note('must be "decimal", or left out, where "negate" is');
  return (value) => {
    const signed = negated.given ? numberOr(negate(value), value) : value;
    if (as.value === 'decimal') return numberOr(numberText(signed), signed);
    if (prefix.given) return `${prefix.value}${textOf(signed)}`;
    return as.value === 'text' ? textOf(signed) : signed;
  };
}

function numberOr<T>(number: T | undefined, value: Scalar): T {
  if (number !== undefined) return number;
  const kind =
    typeof value === 'string'
      ? 'a text'
      : typeof value === 'boolean'
        ? 'a boolean'
        : 'too small or too large';
  throw new ValueError(`what it finds is ${kind}, where a decimal number is wanted`);
}

/** A scalar as text; of a number the digits that were sent. */
export function textOf(value: Scalar): string {
  return typeof value === 'string'
    ? value
    : (numberText(value) ?? (typeof value === 'object' ? value.rawJSON : String(value)));
}
