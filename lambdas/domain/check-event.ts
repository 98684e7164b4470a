import { type CloudEvent, LIMITS } from './cloudevent.ts';
import type { QuarantineCode } from './envelope.ts';
import type { SentItem } from './read-cloudevents.ts';
import { findFlaw, MAX_DEPTH, pointerToken } from './read-json.ts';

/** Why an item is not accepted, for its sender and for quarantine. */
export interface ItemRefusal {
  readonly code: QuarantineCode | 'nested-too-deep' | 'event-too-large';
  /** What was wrong, and what to do. Of the input it quotes a bounded part at most. */
  readonly detail: string;
  /** JSON Pointer (RFC 6901) into the event. */
  readonly pointer?: string;
  /** The rule that was broken, for the fingerprint: never something that a sender can invent. */
  readonly place?: string;
  /** Schema version that it was checked against. */
  readonly schema?: number;
}

/** An item that is a CloudEvent, or why it is none. */
export type Checked = { readonly event: CloudEvent } | { readonly refusal: ItemRefusal };

const NAME = /^[a-z0-9]+$/;
const PRINTABLE = /^[\x20-\x7e]*$/;
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;
const MEDIA_TYPE = /^[!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+\s*(?:;.*)?$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** URI-reference of RFC 3986, section 4.1, from its parts. */
const URI_REFERENCE = (() => {
  const escaped = '%[\\da-f]{2}';
  const plain = "\\w\\-.~!$&'()*+,;=";
  const host = `(?:\\[[\\da-fv:.]+\\]|(?:[${plain}]|${escaped})*)`;
  const authority = `(?:(?:[${plain}:]|${escaped})*@)?${host}(?::\\d*)?(?=[/?#]|$)`;
  const path = `(?:[${plain}:@/]|${escaped})*`;
  const rest = `(?:[${plain}:@/?]|${escaped})*`;
  // Without a scheme, the first segment has no colon; without an authority, the path does not begin with two slashes.
  const start = `(?:[a-z][a-z\\d+.-]*:|(?![^/?#]*:))(?://${authority}|(?!//))`;
  return new RegExp(`^${start}${path}(?:\\?${rest})?(?:#${rest})?$`, 'i');
})();

const REQUIRED = ['id', 'source', 'type', 'subject'] as const;
const OPTIONAL = ['time', 'dataschema', 'datacontenttype'] as const;
const KNOWN = new Set<string>(['specversion', ...REQUIRED, ...OPTIONAL, 'data', 'data_base64']);

/**
 * Checks that an item is a CloudEvent 1.0 with a subject, within Weir's limits. `time` is checked with the contract.
 * An attribute that is null counts as not sent (JSON format, section 2.2).
 */
export function checkEvent(item: SentItem): Checked {
  const flaw = flawOf(item);
  if (flaw) return { refusal: flaw };
  const { plain } = item;
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) {
    return {
      refusal: invalid('', 'object', 'an event is a JSON object with the attributes of CloudEvents 1.0'),
    };
  }
  const sent = plain as Readonly<Record<string, unknown>>;
  const refusal = checkVersion(sent) ?? checkTexts(sent) ?? checkNames(sent) ?? checkData(sent);
  return refusal ? { refusal } : { event: sent as CloudEvent };
}

function flawOf({ plain, surrogates }: SentItem): ItemRefusal | undefined {
  const flaw = findFlaw(plain, surrogates);
  if (!flaw) return undefined;
  const pointer = boundedPointer(flaw.pointer);
  switch (flaw.kind) {
    case 'too-deep':
      return {
        code: 'nested-too-deep',
        pointer,
        detail: `arrays and objects nest deeper than ${MAX_DEPTH} levels here`,
      };
    case 'not-finite':
      return {
        code: 'number-out-of-range',
        pointer,
        place: 'finite',
        detail: 'this number is beyond ±1.8e308',
      };
    case 'lone-surrogate':
      return {
        code: 'lone-surrogate',
        pointer,
        detail:
          'a key or string here holds half of a surrogate pair, which is no Unicode text; send whole characters',
      };
  }
}

function checkVersion({ specversion }: Readonly<Record<string, unknown>>): ItemRefusal | undefined {
  if (specversion === '1.0') return undefined;
  return invalid('/specversion', 'specversion', `specversion must be "1.0", not ${quoted(specversion)}`);
}

function checkTexts(sent: Readonly<Record<string, unknown>>): ItemRefusal | undefined {
  for (const name of REQUIRED) {
    const value = Object.hasOwn(sent, name) ? sent[name] : undefined;
    if (value === undefined || value === null || value === '') {
      return invalid(`/${name}`, name, `${name} is missing; every event needs one`);
    }
    const refusal = checkText(name, value, LIMITS[name]);
    if (refusal) return refusal;
  }
  if (!URI_REFERENCE.test(sent.source as string)) {
    return invalid(
      '/source',
      'source',
      'source must be a URI-reference (RFC 3986): ASCII, others percent-encoded',
    );
  }
  for (const name of OPTIONAL) {
    const value = sent[name] ?? undefined;
    const refusal = value === undefined ? undefined : checkText(name, value, LIMITS.source);
    if (refusal) return refusal;
  }
  const { datacontenttype, dataschema } = sent;
  if (typeof dataschema === 'string' && (dataschema === '' || !URI_REFERENCE.test(dataschema))) {
    return invalid('/dataschema', 'dataschema', 'dataschema must be a URI (RFC 3986) that ends in a version');
  }
  if (typeof datacontenttype === 'string' && !MEDIA_TYPE.test(datacontenttype)) {
    const detail = 'datacontenttype must be a media type, e.g. application/json';
    return invalid('/datacontenttype', 'datacontenttype', detail);
  }
  return undefined;
}

function checkText(name: string, value: unknown, limit: number): ItemRefusal | undefined {
  const place = KNOWN.has(name) ? name : 'extension';
  if (typeof value !== 'string')
    return invalid(`/${name}`, place, `${name} must be a string, not ${quoted(value)}`);
  if (value.length > limit) {
    return invalid(`/${name}`, place, `${name} has ${value.length} characters; at most ${limit} are taken`);
  }
  if (!PRINTABLE.test(value) && FORBIDDEN.test(value)) {
    return invalid(
      `/${name}`,
      place,
      `${name} holds a control character or a noncharacter; CloudEvents forbids them`,
    );
  }
  return undefined;
}

/** Extensions: names of lower-case letters and digits; values are strings, booleans, or integers of 32 bits. */
function checkNames(sent: Readonly<Record<string, unknown>>): ItemRefusal | undefined {
  for (const name of Object.keys(sent)) {
    if (KNOWN.has(name)) continue;
    const problem = extensionProblem(name, sent[name]);
    if (!problem) continue;
    const pointer = boundedPointer(`/${pointerToken(name)}`);
    return invalid(pointer, 'extension', `the extension ${quoted(name)} ${problem}`);
  }
  return undefined;
}

function extensionProblem(name: string, value: unknown): string | undefined {
  if (!NAME.test(name)) return 'has a name that no attribute may have: lower-case letters and digits only';
  if (typeof value === 'string') {
    if (PRINTABLE.test(value) || !FORBIDDEN.test(value)) return undefined;
    return 'holds a control character or a noncharacter; CloudEvents forbids them';
  }
  if (value === null || typeof value === 'boolean') return undefined;
  if (typeof value === 'number' && (value | 0) === value) return undefined;
  return 'must be a string, a boolean or an integer of 32 bits';
}

function checkData(sent: Readonly<Record<string, unknown>>): ItemRefusal | undefined {
  const binary = sent.data_base64 ?? undefined;
  if (binary === undefined) return undefined;
  if (sent.data !== undefined)
    return invalid('/data_base64', 'data_base64', 'send data or data_base64, not both');
  if (typeof binary === 'string' && BASE64.test(binary)) return undefined;
  return invalid(
    '/data_base64',
    'data_base64',
    'data_base64 must be a string of base64 with its padding (RFC 4648)',
  );
}

function invalid(pointer: string, place: string, detail: string): ItemRefusal {
  return { code: 'invalid-cloudevent', pointer, place, detail };
}

const MAX_QUOTED = 48;
const MAX_POINTER = 256;

/** What may be repeated of an input: a short text as JSON, or no more than its kind. */
export function quoted(value: unknown): string {
  if (typeof value !== 'string')
    return value === null ? 'null' : Array.isArray(value) ? 'an array' : describe(value);
  const cut = value.length > MAX_QUOTED ? `${value.slice(0, MAX_QUOTED)}…` : value;
  return JSON.stringify(cut.toWellFormed().replace(/[\p{Cc}\p{Cf}]/gu, '?'));
}

function describe(value: unknown): string {
  if (value === undefined) return 'absent';
  return typeof value === 'object' ? 'an object' : typeof value === 'number' ? 'a number' : String(value);
}

/** A pointer cut at a whole token, so that a sender's keys can't swell the answer. */
export function boundedPointer(pointer: string): string {
  const text = pointer.toWellFormed().replace(/\p{Cc}/gu, '?');
  if (text.length <= MAX_POINTER) return text;
  return text.slice(0, Math.max(0, text.lastIndexOf('/', MAX_POINTER)));
}
