import { parseInstant } from '../instant.ts';
import type { HmacScheme } from './scheme.ts';
import type { Signing } from './signing.ts';

/** A request's headers: names in lower case, with every value that was sent under them. */
export type Headers = ReadonlyMap<string, readonly string[]>;

/** Why a delivery was refused, for the operator: the sender only hears that it was. */
export type RefusalReason =
  | 'missing-header'
  | 'duplicate-header'
  | 'malformed-header'
  | 'timestamp-out-of-tolerance'
  | 'signature-mismatch';

export interface Refusal {
  readonly ok: false;
  readonly reason: RefusalReason;
}

export const refuse = (reason: RefusalReason): Refusal => ({ ok: false, reason });

/** What the headers of a delivery say of its signature; nothing of it is proved yet. */
export interface Given {
  readonly ok: true;
  /** Signatures as written, without their prefix. */
  readonly signatures: readonly string[];
  readonly timestamp?: { readonly ok: true; readonly text: string; readonly ms: number };
  readonly id?: string;
}

/** Longest header that is looked at, in characters; API Gateway takes 10,240 bytes for all of them together. */
const MAX_HEADER_CHARACTERS = 8192;
const MAX_ID_CHARACTERS = 256;
/** Most signatures of one header: two secrets in two versions are four. Each ed25519 one costs a pass over the body. */
const MAX_SIGNATURES = { hmac: 16, ed25519: 4 };

/** The only value of a header, of visible ASCII characters and spaces: a header sent twice can be read in two ways. */
export function readHeader(
  headers: Headers,
  name: string,
): { readonly ok: true; readonly text: string } | Refusal {
  const values = headers.get(name) ?? [];
  if (values.length === 0) return refuse('missing-header');
  if (values.length > 1) return refuse('duplicate-header');
  const text = values[0]!;
  if (text.length > MAX_HEADER_CHARACTERS || !/^[ -~]+$/.test(text)) return refuse('malformed-header');
  return { ok: true, text };
}

/** Reads signatures, timestamp and id from the headers, as strictly as the provider writes them. */
export function readSignature(signing: Signing, headers: Headers): Given | Refusal {
  const header = readHeader(headers, signing.header);
  if (!header.ok) return header;
  const elements = signing.separator === undefined ? [header.text] : header.text.split(signing.separator);
  const signatures = withPrefix(elements, signing.prefix);
  const most = signing.algorithm === 'ed25519' ? MAX_SIGNATURES.ed25519 : MAX_SIGNATURES.hmac;
  if (signatures.length === 0 || signatures.length > most) return refuse('malformed-header');
  const timestamp = readTimestamp(signing, elements, headers);
  if (timestamp && !timestamp.ok) return timestamp;
  const id = readId(signing, headers);
  if (id && !id.ok) return id;
  return { ok: true, signatures, ...(timestamp && { timestamp }), ...(id && { id: id.text }) };
}

const withPrefix = (elements: readonly string[], prefix: string): string[] =>
  elements.filter((element) => element.startsWith(prefix)).map((element) => element.slice(prefix.length));

function readTimestamp(signing: Signing, elements: readonly string[], headers: Headers) {
  const { timestampHeader, timestampPrefix, timestampFormat } = signing;
  if (timestampHeader !== undefined) {
    const header = readHeader(headers, timestampHeader);
    return header.ok ? parseTimestamp(header.text, timestampFormat) : header;
  }
  if (timestampPrefix === undefined) return undefined;
  const found = withPrefix(elements, timestampPrefix);
  return found.length === 1 ? parseTimestamp(found[0]!, timestampFormat) : refuse('malformed-header');
}

/** Ten digits of seconds last until 2286. A fixed length keeps the timestamp's end where it is in the signed text. */
function parseTimestamp(text: string, format: HmacScheme['timestampFormat'] = 'unix') {
  const ms =
    format === 'rfc3339'
      ? parseInstant(text)?.ms
      : (format === 'unix' ? /^\d{10}$/ : /^\d{13}$/).test(text)
        ? Number(text) * (format === 'unix' ? 1000 : 1)
        : undefined;
  return ms === undefined ? refuse('malformed-header') : ({ ok: true, text, ms } as const);
}

/**
 * Reads the delivery's id; undefined where the scheme has none. An id that is not signed may be left out: the delivery
 * is genuine all the same.
 */
export function readId({ idHeader, idStop }: Pick<Signing, 'idHeader' | 'idStop'>, headers: Headers) {
  if (idHeader === undefined) return undefined;
  const header = readHeader(headers, idHeader);
  if (!header.ok) return header.reason === 'missing-header' && idStop === undefined ? undefined : header;
  const { text } = header;
  const wrong = text.length > MAX_ID_CHARACTERS || text.includes(' ') || (idStop && text.includes(idStop));
  return wrong ? refuse('malformed-header') : header;
}
