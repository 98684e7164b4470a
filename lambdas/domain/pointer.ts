/** Reads one place of a JSON value. Undefined where there is none. */
export type Getter = (value: unknown) => unknown;

const SYNTAX = /^(?:\/(?:[^~]|~[01])*)?$/;
const ARRAY_INDEX = /^(?:0|[1-9]\d*)$/;

/**
 * Compiles a JSON Pointer (RFC 6901). Only what JSON wrote is followed: own properties, and of arrays their elements,
 * so no pointer can reach into a prototype or read an array's length.
 * @throws RangeError where the text is no pointer.
 */
export function compilePointer(pointer: string): Getter {
  if (!SYNTAX.test(pointer)) {
    throw new RangeError(
      `"${pointer}" is no JSON Pointer: it must be empty or begin with "/", and "~" stand as "~0" (RFC 6901)`,
    );
  }
  const tokens = pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  return (value) => {
    let place = value;
    for (const token of tokens) {
      if (typeof place !== 'object' || place === null || !Object.hasOwn(place, token)) return undefined;
      if (Array.isArray(place) && !ARRAY_INDEX.test(token)) return undefined;
      place = (place as Record<string, unknown>)[token];
    }
    return place;
  };
}
