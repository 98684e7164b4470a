import { findHmacMistakes, findMistakes, KINDS } from './scheme-mistakes.ts';

/** Schemes whose every detail is the provider's: at most the tolerance is ours to choose. */
export interface TimedScheme {
  readonly kind: 'standard-webhooks' | 'standard-webhooks-ed25519' | 'stripe' | 'slack';
  /** How far a delivery's timestamp may be from our clock, in either direction. Seconds, 1 to 86400; 300 if left out. */
  readonly toleranceSeconds?: number;
}

/** Schemes of providers that sign the body and nothing else, so no time either. */
export interface BodyScheme {
  readonly kind: 'github' | 'shopify';
}

/** An HMAC of which the parts are said one by one, for providers that have no name here. */
export interface HmacScheme {
  readonly kind: 'hmac';
  /** Header that holds the signature, in lower case. */
  readonly header: string;
  readonly algorithm: 'sha1' | 'sha256' | 'sha512';
  /** How the signature is written: `hex` in lower case, `base64` with its padding. */
  readonly encoding: 'hex' | 'base64';
  /** What stands before a signature, such as `sha256=`. */
  readonly prefix?: string;
  /** What stands between the elements of the header; those without the prefix are passed over. One element if left out. */
  readonly separator?: string;
  /** The signed text: `{body}` or `{form}`, and `{timestamp}`, `{id}`, `{url}`, with what stands between them. */
  readonly template: string;
  /** Header of the timestamp. */
  readonly timestampHeader?: string;
  /** What stands before the timestamp where it is an element of the signature's own header, such as `t=`. */
  readonly timestampPrefix?: string;
  /** How the timestamp is written: seconds since the epoch (`unix`, if left out), milliseconds, or RFC 3339. */
  readonly timestampFormat?: 'unix' | 'unix-ms' | 'rfc3339';
  /** Header of the delivery's id. It is under the signature only where the template has `{id}`. */
  readonly idHeader?: string;
  readonly toleranceSeconds?: number;
}

/**
 * A header that equals the secret, as GitLab's does: it says who sends, and signs nothing. Where a provider offers a
 * signature too, take that.
 */
export interface TokenScheme {
  readonly kind: 'token';
  readonly header: string;
  readonly idHeader?: string;
}

/** How an endpoint's deliveries are verified. Secrets are no part of it. */
export type Scheme = TimedScheme | BodyScheme | HmacScheme | TokenScheme;

/** Seconds that a timestamp may be from our clock where a scheme says nothing: what the providers themselves advise. */
export const DEFAULT_TOLERANCE_SECONDS = 300;

/** One mistake in a scheme: where (a JSON Pointer), and what would be right. */
export interface SchemeMistake {
  readonly place: string;
  readonly problem: string;
}

/** A scheme that an operator gave and that can't be used; the message has a line for each mistake. */
export class SchemeError extends Error {
  override readonly name = 'SchemeError';
  readonly mistakes: readonly SchemeMistake[];

  constructor(mistakes: readonly SchemeMistake[]) {
    super(mistakes.map(({ place, problem }) => `scheme${place} ${problem}`).join('\n'));
    this.mistakes = mistakes;
  }
}

/**
 * Checks a scheme as an operator wrote it (parsed JSON). Header names come back in lower case.
 * @throws SchemeError with every mistake, its place, and what is allowed there. Values are never repeated, as a secret
 * may have been written into the wrong member.
 */
export function parseScheme(json: unknown): Scheme {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new SchemeError([{ place: '', problem: 'must be an object with a "kind"' }]);
  const given = new Map(Object.entries(json));
  const kind = given.get('kind');
  if (typeof kind !== 'string' || !KINDS.includes(kind))
    throw new SchemeError([{ place: '/kind', problem: `must be one of ${KINDS.join(', ')}` }]);
  const mistakes = findMistakes(kind as Scheme['kind'], given);
  if (mistakes.length > 0) throw new SchemeError(mistakes);
  const scheme = Object.fromEntries([...given].map(([name, value]) => [name, lowerHeader(name, value)]));
  const together = kind === 'hmac' ? findHmacMistakes(scheme as unknown as HmacScheme) : [];
  if (together.length > 0) throw new SchemeError(together);
  return scheme as unknown as Scheme;
}

const lowerHeader = (name: string, value: unknown): unknown =>
  typeof value === 'string' && (name === 'header' || name.endsWith('Header')) ? value.toLowerCase() : value;
