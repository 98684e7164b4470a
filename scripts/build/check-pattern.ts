/**
 * Why a `pattern` is not fit for input that strangers send, or undefined where it is. JavaScript's regular expressions
 * backtrack: one repetition inside another, as in `(a+)+`, takes time exponential in the length of the input.
 */
export function checkPattern(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'u');
  } catch (error) {
    return `is no regular expression with the "u" flag: ${(error as Error).message}`;
  }
  if (!hasNestedRepetition(pattern)) return undefined;
  return (
    'has a repetition without bound inside another, which can take for ever on hostile input; ' +
    'bound one of them, as in {0,9}'
  );
}

/**
 * Whether a group that is repeated many times has a repetition of open length in it. This refuses some patterns that
 * would be safe, and is no proof of the others' speed: `maxLength` bounds what is left.
 */
function hasNestedRepetition(pattern: string): boolean {
  /** For each open group: whether it holds a repetition of open length. */
  const groups = [false];
  let closed = false;
  for (let i = 0; i < pattern.length; ) {
    const repetition = readRepetition(pattern.slice(i));
    if (repetition) {
      if (closed && repetition.most > FEW) return true;
      if (repetition.most - repetition.least > FEW) groups[groups.length - 1] = true;
      closed = false;
      i += repetition.length;
      continue;
    }
    const character = pattern[i]!;
    closed = false;
    if (character === '(') groups.push(false);
    if (character === ')') {
      closed = groups.pop() ?? false;
      // What a group holds, the groups around it hold too.
      if (closed) groups[groups.length - 1] = true;
    }
    i += character === '\\' ? 2 : character === '[' ? classLength(pattern, i) : 1;
  }
  return false;
}

const FEW = 16;

interface Repetition {
  readonly least: number;
  readonly most: number;
  /** Characters of the pattern. */
  readonly length: number;
}

function readRepetition(rest: string): Repetition | undefined {
  const found = /^(?:[*+]|\{(\d+)(,(\d*))?\})/.exec(rest);
  if (!found) return undefined;
  const [{ length }, least = '0', range, most] = found;
  if (least !== '0' && range === undefined) return { least: Number(least), most: Number(least), length };
  return { least: Number(least), most: most ? Number(most) : Number.POSITIVE_INFINITY, length };
}

function classLength(pattern: string, start: number): number {
  let end = start + 1;
  while (end < pattern.length && pattern[end] !== ']') end += pattern[end] === '\\' ? 2 : 1;
  return end + 1 - start;
}
