/** Reads one place of a JSON value. Undefined where there is none. */
export type Getter = (value: unknown) => unknown;

/**
 * Compiles a JSON Pointer (RFC 6901). Only own properties are followed, so no pointer can reach into a prototype.
 * @throws RangeError where the text is no pointer.
 */
export function compilePointer(pointer: string): Getter {
  if (pointer !== '' && !pointer.startsWith('/')) {
    throw new RangeError(`"${pointer}" is no JSON Pointer: it must be empty or begin with "/" (RFC 6901)`);
  }
  const tokens = pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  return (value) => {
    let place = value;
    for (const token of tokens) {
      if (typeof place !== 'object' || place === null || !Object.hasOwn(place, token)) return undefined;
      place = (place as Record<string, unknown>)[token];
    }
    return place;
  };
}
