/** What a log may hold of an error: what it is and where it came from, nothing that somebody sent. */
export interface DescribedError {
  readonly name: string;
  /** Code of the system or of the service, such as `ECONNRESET`. */
  readonly code?: string;
  /** AWS's id of the request that failed, by which its support finds it. */
  readonly requestId?: string;
  readonly message: string;
  readonly location?: string;
  readonly stack?: readonly string[];
  readonly cause?: DescribedError;
  /** Of an error that stands for several. */
  readonly errors?: readonly DescribedError[];
}

const MAX_MESSAGE = 500;
/** What is thrown answers whoever invoked, with all mistakes at once. */
const MAX_ANSWER = 8_000;
const MAX_FRAMES = 10;
const MAX_FRAME = 200;
const MAX_DEPTH = 4;
const MAX_ERRORS = 3;
const WORD = /^[\w.:$-]{1,64}$/;

/**
 * Takes from an error what may be logged. Its own properties may not: DynamoDB's refusals carry the item that was there, for one.
 * Nor may the words of others, as they are: see {@link safeMessage}.
 */
export function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error))
    return { name: typeof error, message: 'something was thrown that is no error' };
  const { code, $metadata, errors } = error as Foreign;
  const frames = framesOf(error.stack);
  const location = frames.map((frame) => /\(?([^()\s]+:\d+):\d+\)?$/.exec(frame)?.[1]).find(Boolean);
  const deeper = depth < MAX_DEPTH;
  return {
    name: wordOr(error.name, 'Error'),
    ...(isWord(code) && { code }),
    ...(isWord($metadata?.requestId) && { requestId: $metadata.requestId }),
    message: safeMessage(error),
    ...(location !== undefined && { location }),
    ...(frames.length > 0 && { stack: frames }),
    ...(deeper && error.cause !== undefined && { cause: describeError(error.cause, depth + 1) }),
    ...(deeper &&
      Array.isArray(errors) && {
        errors: errors.slice(0, MAX_ERRORS).map((one) => describeError(one, depth + 1)),
      }),
  };
}

/**
 * An error's message, bounded. Our own say what they say on purpose. Those of the engine, the system and AWS quote what they
 * were given (`Unexpected token 's', "secret" is not valid JSON`; `Value 'secret' at 'records.1' failed to satisfy …`),
 * so of theirs all from the first quote to the last one goes, and all of those that put it in without quotes.
 */
export function safeMessage(error: Error, most = MAX_MESSAGE): string {
  const message = isForeign(error) ? cutQuotes(error.message) : error.message;
  return bounded(UNQUOTED.test(message) ? 'what was given to it is not what it takes' : message, most);
}

/** A text that is no longer than this; it says how much was cut. */
export function bounded(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length - most} more)`;
}

/**
 * What a handler may throw: Lambda writes it to the log, with its properties and causes, and gives name and message to whoever
 * invoked. So it is the error without those, under the same name, by which state machines tell errors apart.
 */
export function outward(error: unknown): Error {
  const { name, message: brief, stack = [] } = describeError(error);
  const ours = error instanceof Error && !isForeign(error);
  const message = ours ? safeMessage(error, MAX_ANSWER) : brief;
  const clean = new Error(message);
  clean.name = name;
  clean.stack = [`${name}: ${message}`, ...stack.map((frame) => `    ${frame}`)].join('\n');
  return clean;
}

interface Foreign {
  readonly code?: unknown;
  readonly $fault?: unknown;
  readonly $metadata?: { readonly requestId?: unknown };
  readonly errors?: unknown;
}

const ENGINE = new Set([
  ...['SyntaxError', 'TypeError', 'RangeError', 'ReferenceError', 'URIError', 'EvalError', 'AggregateError'],
]);

function isForeign(error: Error): boolean {
  const { code, $fault, $metadata } = error as Foreign;
  const byEngine = ENGINE.has(error.constructor.name) || ENGINE.has(error.name);
  return byEngine || code !== undefined || $fault !== undefined || $metadata !== undefined;
}

function cutQuotes(message: string): string {
  const first = message.search(/["'`“‘«]/);
  if (first === -1) return message;
  const last = Math.max(...['"', "'", '`', '”', '’', '»'].map((quote) => message.lastIndexOf(quote)));
  return `${message.slice(0, first)}…${message.slice(Math.max(last, first) + 1)}`;
}

/** V8's own that put in what they were given without quotes. */
const UNQUOTED = /^(Cannot convert .* to a BigInt|The number .* cannot be converted to a BigInt.*)$/s;

function framesOf(stack: string | undefined): readonly string[] {
  // Lines of the message come first, and may be what somebody sent.
  const lines = (stack ?? '').split('\n').map((line) => line.trim());
  return lines
    .filter((line) => /^at [^"'`]+$/.test(line) && /:\d+:\d+\)?$/.test(line))
    .slice(0, MAX_FRAMES)
    .map((line) => bounded(line, MAX_FRAME));
}

const isWord = (value: unknown): value is string => typeof value === 'string' && WORD.test(value);
const wordOr = (value: unknown, otherwise: string) => (isWord(value) ? value : otherwise);
