import { MAX_BATCH_EVENTS } from './cloudevent.ts';
import { elementTexts, findFlaw, hasSurrogateEscapes, hasTellingNumbers, readExactly } from './read-json.ts';

/** One item of a request, before anybody has looked at what it is. */
export interface SentItem {
  /** As `JSON.parse` reads it: what is checked and counted. */
  readonly plain: unknown;
  /** The same with every number's text: what is archived. */
  readonly exact: unknown;
  /** Whether it may hold lone surrogates. */
  readonly surrogates: boolean;
}

/** What was sent can't be read as a whole. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
  readonly code: 'invalid-json' | 'not-a-batch' | 'batch-too-large' | 'reserved-header';

  constructor(code: UnreadableError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Structured mode: the body is one event in JSON
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md).
 * @throws UnreadableError where it is not JSON.
 */
export function readStructured(text: string): readonly SentItem[] {
  return readItems(text, [parseBody(text)], () => [text]);
}

/**
 * Batched mode: the body is a JSON array of events, at most {@link MAX_BATCH_EVENTS}.
 * @throws UnreadableError where it is not JSON, no array, or longer.
 */
export function readBatched(text: string): readonly SentItem[] {
  const batch = parseBody(text);
  if (!Array.isArray(batch)) {
    throw new UnreadableError(
      'not-a-batch',
      'a batch is a JSON array of events; send a single event as application/cloudevents+json',
    );
  }
  if (batch.length > MAX_BATCH_EVENTS) {
    throw new UnreadableError(
      'batch-too-large',
      `the batch has ${batch.length} events; send at most ${MAX_BATCH_EVENTS} at once`,
    );
  }
  return readItems(text, batch, () => elementTexts(text));
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The engine's message quotes the body, and is nobody's business but the sender's.
    throw new UnreadableError(
      'invalid-json',
      'the body is not JSON (RFC 8259); check that it was sent whole',
    );
  }
}

/** The exact reading is made item by item, and not of items too deep to be kept: its reader recurses. */
function readItems(
  text: string,
  plain: readonly unknown[],
  texts: () => readonly string[],
): readonly SentItem[] {
  const surrogates = hasSurrogateEscapes(text);
  if (!hasTellingNumbers(text)) return plain.map((item) => ({ plain: item, exact: item, surrogates }));
  const itemTexts = texts();
  return plain.map((item, index) => {
    const itemText = itemTexts[index]!;
    const again = hasTellingNumbers(itemText) && findFlaw(item, false)?.kind !== 'too-deep';
    return { plain: item, exact: again ? readExactly(itemText) : item, surrogates };
  });
}

/** What binary mode has another place for than a `ce-` header. */
const RESERVED = new Map([
  ['data', 'the body'],
  ['data_base64', 'the body'],
  ['datacontenttype', 'the header Content-Type'],
]);

export interface BinaryMessage {
  /** The `ce-` headers' values by attribute name, which is the header's in lower case without the prefix. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly contentType?: string | undefined;
  readonly body: Buffer;
}

/**
 * Binary mode: the attributes are headers, the body is the data
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#31-binary-content-mode).
 * JSON and text become `data`, anything else `data_base64`; `datacontenttype` is the content type as sent.
 * @param decode Turns bytes into text; may throw.
 * @throws UnreadableError where the body is said to be JSON and is not, or a header takes the place of the body.
 */
export function readBinary(message: BinaryMessage, decode: (bytes: Buffer) => string): readonly SentItem[] {
  const { attributes, contentType, body } = message;
  const event: [string, unknown][] = [];
  for (const [name, value] of attributes) {
    const place = RESERVED.get(name);
    if (place)
      throw new UnreadableError('reserved-header', `send ${name} in ${place}, not in the header ce-${name}`);
    event.push([name, decodeHeader(value)]);
  }
  if (contentType !== undefined) event.push(['datacontenttype', contentType]);
  if (body.length === 0) return [itemOf(event, {})];
  const media = mediaTypeOf(contentType ?? '');
  if (media.startsWith('text/') && media !== 'text/json') return [itemOf(event, { data: decode(body) })];
  if (!isJson(media)) return [itemOf(event, { data_base64: body.toString('base64') })];
  const [data] = readStructured(decode(body));
  const { plain, exact, surrogates } = data!;
  return [
    {
      plain: itemOf(event, { data: plain }).plain,
      exact: itemOf(event, { data: exact }).exact,
      surrogates,
    },
  ];
}

/** `Object.fromEntries` defines properties, so that a header `ce-__proto__` is a key like any other. */
function itemOf(event: readonly [string, unknown][], data: Readonly<Record<string, unknown>>): SentItem {
  const item = { ...Object.fromEntries(event), ...data };
  return { plain: item, exact: item, surrogates: false };
}

/** The media type without parameters, in lower case. */
export function mediaTypeOf(contentType: string): string {
  return contentType.split(';', 1)[0]!.trim().toLowerCase();
}

function isJson(media: string): boolean {
  return media === 'application/json' || media === 'text/json' || media.endsWith('+json');
}

/**
 * A header's value as an attribute's: double quotes taken off, then one round of percent-decoding. What decodes to no
 * UTF-8 stays as it was sent: a sender of an older CloudEvents did not encode its per cent signs.
 */
function decodeHeader(value: string): string {
  const quoted = /^"(.*)"$/s.exec(value.trim());
  const text = quoted ? quoted[1]!.replace(/\\(.)/gs, '$1') : value.trim();
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
