import { createHmac, hash, timingSafeEqual, verify } from 'node:crypto';
import { sortedForm } from './form.ts';
import {
  type Given,
  type Headers,
  type Refusal,
  readHeader,
  readId,
  readSignature,
  refuse,
} from './read-signature.ts';
import type { Scheme, TokenScheme } from './scheme.ts';
import { hmacKey, publicKey } from './secret.ts';
import { type Signing, signingOf } from './signing.ts';

/** A request as it came in. */
export interface Delivery {
  readonly headers: Headers;
  /** The exact bytes received: never decoded, parsed or written anew. */
  readonly body: Buffer;
  /**
   * The endpoint's URL as the provider knows it, for schemes that sign it. From configuration: one that the request may
   * lengthen could take bytes of the body.
   */
  readonly url: string;
}

/** A delivery that someone who has a secret has signed. */
export interface Verified {
  readonly ok: true;
  /** From the scheme's id header, if it has one and it was sent; else the id is in the body, for the mapping to find. */
  readonly deliveryId?: string;
  /** Whether the id, from the header or else from the body, is under the signature; if not, anyone can exchange it. */
  readonly idSigned: boolean;
  /** When the provider signed: the time of this attempt, in milliseconds since the epoch. */
  readonly signedAt?: number;
}

/** Secrets that may be live together: the present one, and the one before or after it while they are exchanged. */
export const MAX_SECRETS = 2;

/**
 * Verifies a delivery over the exact bytes received. Every signature in the header is compared with what each secret
 * makes of them, in constant time and without an early end, so that time doesn't tell which secret matched.
 * Where the scheme has a timestamp it must be within the tolerance of `nowMs` (milliseconds since the epoch), in
 * either direction, by whole seconds as the providers' libraries count; that is looked at last, so that
 * `timestamp-out-of-tolerance` means that the delivery is genuine and old, or a clock is wrong.
 * @throws RangeError for more than two secrets.
 */
export function verifyDelivery(
  scheme: Scheme,
  secrets: readonly string[],
  delivery: Delivery,
  nowMs: number,
): Verified | Refusal {
  if (secrets.length > MAX_SECRETS)
    throw new RangeError(`${secrets.length} secrets are live: at most ${MAX_SECRETS} may be`);
  if (scheme.kind === 'token') return verifyToken(scheme, secrets, delivery.headers);
  const signing = signingOf(scheme);
  const given = readSignature(signing, delivery.headers);
  if (!given.ok) return given;
  const signed = signedText(signing, given, delivery);
  if (!signed || !matches(signing, secrets, signed, given.signatures)) return refuse('signature-mismatch');
  const { id, timestamp } = given;
  if (timestamp && !isTimely(timestamp.ms, nowMs, signing.toleranceSeconds))
    return refuse('timestamp-out-of-tolerance');
  return {
    ok: true,
    ...(id !== undefined && { deliveryId: id }),
    idSigned: signing.idSigned,
    ...(timestamp && { signedAt: timestamp.ms }),
  };
}

/** The pieces of the signed text, the body among them as it came. Undefined where a form can't be read. */
function signedText(
  signing: Signing,
  given: Given,
  { body, url }: Delivery,
): (string | Buffer)[] | undefined {
  const text: (string | Buffer)[] = [];
  for (const part of signing.template) {
    const piece = 'text' in part ? part.text : pieceOf(part.field);
    if (piece === undefined) return undefined;
    text.push(piece);
  }
  return text;

  function pieceOf(field: 'body' | 'form' | 'timestamp' | 'id' | 'url') {
    if (field === 'body') return body;
    if (field === 'form') return sortedForm(body);
    if (field === 'url') return url;
    return field === 'id' ? given.id : given.timestamp?.text;
  }
}

function matches(
  signing: Signing,
  secrets: readonly string[],
  signed: readonly (string | Buffer)[],
  signatures: readonly string[],
): boolean {
  const { algorithm, encoding, key } = signing;
  if (algorithm === 'ed25519' || key === 'whpk') return matchesEd25519(secrets, signed, signatures);
  let matched = false;
  for (const secret of secrets) {
    const secretKey = hmacKey(key, secret);
    if (secretKey === undefined) continue;
    const hmac = createHmac(algorithm, secretKey);
    for (const piece of signed) hmac.update(piece);
    // Compared as written, so that a signature has one spelling: no upper-case hex, no stray bits in base64.
    const expected = Buffer.from(hmac.digest(encoding), 'latin1');
    for (const signature of signatures)
      matched = equal(expected, Buffer.from(signature, 'latin1')) || matched;
  }
  return matched;
}

/** Lengths are no secret: they follow from the scheme. */
const equal = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

/** Public keys have nothing to give away, so the first that matches will do. */
function matchesEd25519(
  keys: readonly string[],
  signed: readonly (string | Buffer)[],
  signatures: readonly string[],
): boolean {
  const message = Buffer.concat(
    signed.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)),
  );
  const decoded = signatures
    .map((text) => ({ text, bytes: Buffer.from(text, 'base64') }))
    .filter(({ text, bytes }) => bytes.toString('base64') === text);
  return keys.some((text) => {
    const key = publicKey(text);
    return key !== undefined && decoded.some(({ bytes }) => verify(null, message, key, bytes));
  });
}

function isTimely(signedMs: number, nowMs: number, toleranceSeconds: number): boolean {
  return Math.abs(Math.floor(nowMs / 1000) - Math.floor(signedMs / 1000)) <= toleranceSeconds;
}

/**
 * GitLab's `X-Gitlab-Token` and the like. Hashes are compared, as they have one length whatever was sent; an empty
 * secret matches nothing, as no header is empty.
 */
function verifyToken(scheme: TokenScheme, secrets: readonly string[], headers: Headers): Verified | Refusal {
  const token = readHeader(headers, scheme.header);
  if (!token.ok) return token;
  const id = readId(scheme, headers);
  if (id && !id.ok) return id;
  const given = hash('sha256', token.text, 'buffer');
  let matched = false;
  for (const secret of secrets) matched = timingSafeEqual(given, hash('sha256', secret, 'buffer')) || matched;
  if (!matched) return refuse('signature-mismatch');
  return { ok: true, ...(id && { deliveryId: id.text }), idSigned: false };
}
