import { ArityError, JMESPathTypeError, search, UnknownFunctionError } from '@aws-lambda-powertools/jmespath';

/** Longest expression, in UTF-16 code units. */
export const MAX_EXPRESSION = 512;
/** Most members of a multi-select, and most characters of what `join` puts between its elements. */
const MAX_WIDTH = 16;

/** Functions that a mapping may call, with how many arguments each takes. */
const ARITY: ReadonlyMap<string, readonly [least: number, most: number]> = new Map([
  ['contains', [2, 2]],
  ['ends_with', [2, 2]],
  ['join', [2, 2]],
  ['keys', [1, 1]],
  ['length', [1, 1]],
  ['max_by', [2, 2]],
  ['min_by', [2, 2]],
  ['sort_by', [2, 2]],
  ['starts_with', [2, 2]],
  ['to_array', [1, 1]],
  ['to_string', [1, 1]],
  ['type', [1, 1]],
  ['values', [1, 1]],
]);

const INEXACT = 'computes in floating point, so an amount could change';
/** JMESPath's other functions, and why a mapping can't have them: some of it is the library's doing. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ...['abs', 'avg', 'ceil', 'floor', 'sum', 'to_number'].map((name) => [name, INEXACT] as const),
  ['map', 'takes 0 for nothing; use a projection such as items[*].amount'],
  ['max', 'finds nothing in a long list; use max_by'],
  ['merge', 'makes objects, and a field is text, a number or a boolean'],
  ['min', 'finds nothing in a long list; use min_by'],
  ['not_null', 'takes 0 for nothing; use a list of expressions, of which the first that is there is taken'],
  ['reverse', 'would change the payload that is kept'],
  ['sort', 'would change the payload that is kept; use sort_by'],
]);

const TOKEN =
  /(?<string>'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)|(?<quoted>"(?:\\.|[^"\\])*")|(?<name>[A-Za-z_]\w*)|(?<number>-?\d+)|\[\?|\[\]|&&|\|\||[=!<>]=|\S/gs;

interface Token {
  readonly text: string;
  readonly kind: 'string' | 'quoted' | 'name' | 'number' | 'sign';
}

/** A bracket that is open, and what has been seen inside. */
interface Open {
  readonly kind: 'call' | 'multi-select' | 'other';
  readonly name: string;
  readonly start: number;
  readonly commas: number[];
}

/**
 * What is wrong with a JMESPath expression (https://jmespath.org/specification.html) as part of a mapping; undefined
 * where nothing is.
 *
 * Work and memory are bounded by the payload's size: JMESPath has no loops and no way back to the root, so an
 * expression grows its input only where it copies it (multi-selects), escapes it (`to_string`) or joins it. Each of
 * those may stand once and with a bounded width; what is searched for or joined with is written out.
 */
export function findExpressionProblem(expression: string): string | undefined {
  if (expression.length > MAX_EXPRESSION)
    return `has ${expression.length} characters; an expression has at most ${MAX_EXPRESSION}`;
  return findSyntaxProblem(expression) ?? findUnbounded(tokensOf(expression));
}

/**
 * Runs an expression that {@link findExpressionProblem} has nothing against. The library keeps what it has parsed in
 * a plain object, in which `constructor` and the like are always found: the space before keeps them apart.
 * @throws Error where a function is given what it can't take; the message tells types, never values.
 */
export function runExpression(expression: string, payload: unknown): unknown {
  try {
    return search(` ${expression}`, payload as Parameters<typeof search>[1]);
  } catch (cause) {
    const what = cause instanceof JMESPathTypeError ? cause.message.split(' in expression: ')[0] : undefined;
    throw new Error(what ?? 'it asks for more than can be done with this payload', { cause });
  }
}

/** Whether JMESPath takes a value for true: anything but null, false and what is empty. */
export function isTrue(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value === 0 || Boolean(value);
}

function findSyntaxProblem(expression: string): string | undefined {
  try {
    search(` ${expression}`, null);
    return undefined;
  } catch (error) {
    // Functions are not given what they want here: that the expression got as far as to call them is enough.
    if (
      error instanceof JMESPathTypeError ||
      error instanceof ArityError ||
      error instanceof UnknownFunctionError
    )
      return undefined;
    const message = error instanceof Error ? error.message : String(error);
    return `is no JMESPath: ${message.split(' in expression: ')[0]}`;
  }
}

function tokensOf(expression: string): readonly Token[] {
  return [...expression.matchAll(TOKEN)].map(({ 0: text, groups }) => {
    const kind = (['string', 'quoted', 'name', 'number'] as const).find(
      (each) => groups![each] !== undefined,
    );
    return { text, kind: kind ?? 'sign' };
  });
}

/** Walks the tokens of an expression that parses, so that brackets match. */
function findUnbounded(tokens: readonly Token[]): string | undefined {
  const open: Open[] = [];
  const used = { 'multi-select': 0, to_string: 0, join: 0 };
  for (const [at, token] of tokens.entries()) {
    const problem = findNameProblem(token);
    if (problem) return problem;
    if (token.kind !== 'sign') continue;
    if (/^[([{]/.test(token.text) && token.text !== '[]') {
      const bracket = openBracket(tokens, at);
      if (bracket.kind === 'multi-select') used['multi-select'] += 1;
      if (bracket.name === 'to_string' || bracket.name === 'join') used[bracket.name] += 1;
      open.push(bracket);
    } else if (token.text === ',') open.at(-1)!.commas.push(at);
    else if (/^[)\]}]$/.test(token.text)) {
      const complaint = findBracketProblem(tokens, open.pop()!, at);
      if (complaint) return complaint;
    }
  }
  const twice = Object.entries(used).find(([, times]) => times > 1)?.[0];
  return twice && `has more than one ${twice}; one is allowed, as each multiplies the work`;
}

/** Names that every JavaScript object answers to; a JSON Pointer reads only what was sent. */
function findNameProblem({ kind, text }: Token): string | undefined {
  const name = kind === 'quoted' ? String(JSON.parse(text)) : kind === 'name' ? text : '';
  if (!(name in Object.prototype)) return undefined;
  return `has the name "${name}", which JMESPath can't read safely; use a JSON Pointer such as "/${name}"`;
}

function openBracket(tokens: readonly Token[], at: number): Open {
  const { text } = tokens[at]!;
  const before = tokens[at - 1];
  const after = tokens[at + 1];
  const base = { start: at, commas: [] };
  if (text === '(' && before?.kind === 'name') return { ...base, kind: 'call', name: before.text };
  const index =
    after?.kind === 'number' || after?.text === ':' || (after?.text === '*' && tokens[at + 2]?.text === ']');
  if (text === '{' || (text === '[' && !index)) return { ...base, kind: 'multi-select', name: '' };
  return { ...base, kind: 'other', name: '' };
}

function findBracketProblem(
  tokens: readonly Token[],
  { kind, name, start, commas }: Open,
  end: number,
): string | undefined {
  const members = end === start + 1 ? 0 : commas.length + 1;
  if (kind === 'multi-select' && members > MAX_WIDTH)
    return `selects ${members} members at once; at most ${MAX_WIDTH} are allowed`;
  if (kind !== 'call') return undefined;
  const arity = ARITY.get(name);
  if (!arity) {
    const why = REFUSED.get(name);
    const allowed = `allowed are ${[...ARITY.keys()].join(', ')}`;
    return why
      ? `calls ${name}(), which ${why} (${allowed})`
      : `calls ${name}(), which is no function of JMESPath (${allowed})`;
  }
  const [least, most] = arity;
  if (members < least || members > most)
    return `gives ${name}() ${members} arguments; it takes ${least === most ? least : `${least} to ${most}`}`;
  return findNeedleProblem(name, tokens.slice(start + 1, end), (commas[0] ?? end) - start - 1);
}

/** What is searched for, or put between, must be written out. */
function findNeedleProblem(name: string, inside: readonly Token[], comma: number): string | undefined {
  if (name === 'join') {
    const [separator] = inside;
    if (comma === 1 && separator!.kind === 'string' && separator!.text.length <= MAX_WIDTH + 2)
      return undefined;
    return `must give join() a text in single quotes of at most ${MAX_WIDTH} characters to put between`;
  }
  if (!['contains', 'ends_with', 'starts_with'].includes(name)) return undefined;
  if (inside.length === comma + 2 && inside[comma + 1]!.kind === 'string') return undefined;
  return `must write out, in single quotes, what ${name}() looks for`;
}
