import { mediaTypeOf } from '../read-cloudevents.ts';
import { findFlaw, hasSurrogateEscapes, hasTellingNumbers, MAX_DEPTH, readExactly } from '../read-json.ts';
import { readLossless } from './exact-number.ts';

/** A body that has fields. */
export interface FieldPayload {
  readonly kind: 'json' | 'form';
  /** What a mapping reads: see `readLossless`. */
  readonly value: unknown;
  /** As `JSON.parse` reads it. */
  readonly plain: unknown;
  /** The same with every number's text, to be kept. */
  readonly exact: unknown;
  /** Whether it holds what no event may: see `findFlaw`. */
  readonly flawed: boolean;
}

/** A body, read. What is neither JSON nor a form in UTF-8 is kept as it is. */
export type Payload = FieldPayload | { readonly kind: 'binary'; readonly base64: string };

/** Levels that are left below an event's `data` for the payload in it. */
const PAYLOAD_DEPTH = MAX_DEPTH - 2;
/** What a form may grow by anyway. */
const SMALL_BYTES = 1024;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a delivery's body. A form (application/x-www-form-urlencoded, said by the content type) becomes an object of
 * its fields, of a field that is sent several times a list. Anything else is tried as JSON, whatever its type says:
 * not all providers say that it is.
 * @param jsonField Field of a form that holds the payload as JSON, as GitHub and Slack send it; others are ignored then.
 */
export function readPayload(body: Buffer, contentType: string | undefined, jsonField?: string): Payload {
  const text = decode(body);
  if (text !== undefined) {
    const form = mediaTypeOf(contentType ?? '') === 'application/x-www-form-urlencoded';
    const payload = form ? readForm(text, jsonField) : readJson(text);
    if (payload) return payload;
  }
  return { kind: 'binary', base64: body.toString('base64') };
}

function decode(body: Buffer): string | undefined {
  try {
    return utf8.decode(body);
  } catch {
    return undefined;
  }
}

/**
 * Undefined for escapes that are no UTF-8, and for a form made to be much larger as JSON, so that an event that is
 * small enough for the log stays so: what was sent is then kept as it is.
 */
function readForm(text: string, jsonField: string | undefined): FieldPayload | undefined {
  if (!isEscapedText(text)) return undefined;
  const form = new URLSearchParams(text);
  const json = jsonField === undefined ? null : form.get(jsonField);
  if (json !== null) return readJson(json);
  const fields = new Map<string, string | string[]>();
  for (const [name, value] of form) {
    const before = fields.get(name);
    if (Array.isArray(before)) before.push(value);
    else fields.set(name, before === undefined ? value : [before, value]);
  }
  const value = Object.fromEntries(fields);
  if (Buffer.byteLength(JSON.stringify(value)) > 2 * Buffer.byteLength(text) + SMALL_BYTES) return undefined;
  return { kind: 'form', value, plain: value, exact: value, flawed: false };
}

function isEscapedText(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** The exact readings recurse: they are not made of what is too deep to be kept. */
function readJson(text: string): FieldPayload | undefined {
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch {
    return undefined;
  }
  const flawed = findFlaw(plain, hasSurrogateEscapes(text), PAYLOAD_DEPTH) !== undefined;
  if (flawed || !hasTellingNumbers(text)) return { kind: 'json', value: plain, plain, exact: plain, flawed };
  return { kind: 'json', value: readLossless(text), plain, exact: readExactly(text), flawed };
}
