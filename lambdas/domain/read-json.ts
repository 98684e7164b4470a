/**
 * JSON read twice where that matters: plainly, as `JSON.parse` reads it, to be validated and counted; and with the text
 * of each number kept, to be archived. The second reading is needed only where a number's text may say more than its
 * value: sixteen and more digits, or an exponent.
 */

/** ES2025's JSON.rawJSON and the reviver's third argument, which TypeScript's library does not know yet. */
const { rawJSON, parse } = JSON as unknown as {
  rawJSON(text: string): unknown;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
};

/** Levels of arrays and objects that one event may have, itself included. `JSON.stringify` and validators recurse. */
export const MAX_DEPTH = 64;

/** A number can only follow one of these; inside a string they are rare, and then cost no more than time. */
const TELLING_NUMBER = /(?:^|[:[,])\s*-?(?:\d[\d.]{15}|\d[\d.]*[eE])/;
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;

/** Whether a JSON text may hold numbers whose text says more than their value. */
export function hasTellingNumbers(text: string): boolean {
  return TELLING_NUMBER.test(text);
}

/** Whether a JSON text may hold lone surrogates: decoded from UTF-8, it can only by escapes. */
export function hasSurrogateEscapes(text: string): boolean {
  return SURROGATE_ESCAPE.test(text);
}

/**
 * The value with each number as its own text, which `JSON.stringify` writes out again. The text must be valid JSON and
 * no deeper than a few thousand levels.
 */
export function readExactly(text: string): unknown {
  return parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined ? rawJSON(source) : value,
  );
}

/** The texts of an array's elements, or of the one value where the text is no array. The text must be valid JSON. */
export function elementTexts(text: string): readonly string[] {
  const start = text.search(/\S/);
  if (text[start] !== '[') return [text];
  const elements: string[] = [];
  let from = start + 1;
  let depth = 0;
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '[' || character === '{') depth += 1;
    else if (depth > 0 && (character === ']' || character === '}')) depth -= 1;
    else if (depth === 0 && (character === ',' || character === ']')) {
      elements.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return elements.length === 1 && elements[0]!.trim() === '' ? [] : elements;
}

/** Index of the quote that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

/** What no event may hold, and where (JSON Pointer, RFC 6901). */
export interface Flaw {
  readonly kind: 'too-deep' | 'not-finite' | 'lone-surrogate';
  readonly pointer: string;
}

/**
 * The first flaw of a value, as `JSON.parse` made it. `texts` says whether strings and keys are to be looked at.
 */
export function findFlaw(value: unknown, texts: boolean, depth = MAX_DEPTH): Flaw | undefined {
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : { kind: 'not-finite', pointer: '' };
  if (typeof value === 'string') {
    return texts && !value.isWellFormed() ? { kind: 'lone-surrogate', pointer: '' } : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === 0) return { kind: 'too-deep', pointer: '' };
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const flaw = findFlaw(value[index], texts, depth - 1);
      if (flaw) return under(String(index), flaw);
    }
    return undefined;
  }
  for (const key of Object.keys(value)) {
    if (texts && !key.isWellFormed()) return under(key, { kind: 'lone-surrogate', pointer: '' });
    const flaw = findFlaw((value as Record<string, unknown>)[key], texts, depth - 1);
    if (flaw) return under(key, flaw);
  }
  return undefined;
}

function under(key: string, flaw: Flaw): Flaw {
  return { kind: flaw.kind, pointer: `/${pointerToken(key)}${flaw.pointer}` };
}

/** A key as one token of a JSON Pointer. */
export function pointerToken(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
