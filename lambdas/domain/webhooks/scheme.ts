import { hasField, parseTemplate, type Template } from './template.ts';

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

/** Says what is allowed where a value is not. */
type Check = (value: unknown) => string | undefined;

const oneOf =
  (...allowed: readonly string[]): Check =>
  (value) =>
    allowed.some((one) => one === value) ? undefined : `must be one of ${allowed.join(', ')}`;

const matching =
  (pattern: RegExp, allowed: string): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value) ? undefined : `must be ${allowed}`;

const header = matching(
  /^[\w!#$%&'*+.^`|~-]{1,64}$/,
  'the name of a header: 1 to 64 letters, digits and hyphens',
);
const prefix = matching(/^[!-~]{1,32}$/, '1 to 32 visible ASCII characters');
const separator: Check = (value) =>
  [',', ';', ' '].some((one) => one === value) ? undefined : 'must be a comma, a semicolon or a space';
const tolerance: Check = (value) =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 86_400
    ? undefined
    : 'must be a whole number of seconds from 1 to 86400';

const template: Check = (value) => {
  if (typeof value !== 'string' || value.length > 256) return 'must be a text of at most 256 characters';
  try {
    parseTemplate(value);
    return undefined;
  } catch (error) {
    return (error as RangeError).message;
  }
};

const HMAC_REQUIRED = {
  header,
  algorithm: oneOf('sha1', 'sha256', 'sha512'),
  encoding: oneOf('hex', 'base64'),
  template,
};
const HMAC_OPTIONAL = {
  prefix,
  separator,
  timestampHeader: header,
  timestampPrefix: prefix,
  timestampFormat: oneOf('unix', 'unix-ms', 'rfc3339'),
  idHeader: header,
  toleranceSeconds: tolerance,
};

interface Shape {
  readonly required: Readonly<Record<string, Check>>;
  readonly optional: Readonly<Record<string, Check>>;
}
const TIMED: Shape = { required: {}, optional: { toleranceSeconds: tolerance } };
const BODY: Shape = { required: {}, optional: {} };
const SHAPES: Readonly<Record<Scheme['kind'], Shape>> = {
  'standard-webhooks': TIMED,
  'standard-webhooks-ed25519': TIMED,
  stripe: TIMED,
  slack: TIMED,
  github: BODY,
  shopify: BODY,
  hmac: { required: HMAC_REQUIRED, optional: HMAC_OPTIONAL },
  token: { required: { header }, optional: { idHeader: header } },
};
const KINDS = Object.keys(SHAPES);

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
  const mistakes = findMistakes(SHAPES[kind as Scheme['kind']], given);
  if (mistakes.length > 0) throw new SchemeError(mistakes);
  const scheme = Object.fromEntries([...given].map(([name, value]) => [name, lowerHeader(name, value)]));
  if (kind === 'hmac') checkHmac(scheme as unknown as HmacScheme);
  return scheme as unknown as Scheme;
}

function findMistakes({ required, optional }: Shape, given: ReadonlyMap<string, unknown>): SchemeMistake[] {
  const known = new Map(Object.entries({ ...required, ...optional }));
  const missing = Object.keys(required).filter((name) => !given.has(name));
  const mistakes = missing.map((name) => ({ place: `/${name}`, problem: 'is missing' }));
  for (const [name, value] of given) {
    if (name === 'kind') continue;
    const check = known.get(name);
    const problem = check
      ? check(value)
      : `is not known here: allowed are ${['kind', ...known.keys()].join(', ')}`;
    if (problem) mistakes.push({ place: `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, problem });
  }
  return mistakes;
}

const lowerHeader = (name: string, value: unknown): unknown =>
  typeof value === 'string' && (name === 'header' || name.endsWith('Header')) ? value.toLowerCase() : value;

/** What can only be seen of the members together. */
function checkHmac(scheme: HmacScheme): void {
  const mistakes = [...timestampMistakes(scheme, parseTemplate(scheme.template)), ...elementMistakes(scheme)];
  if (mistakes.length > 0) throw new SchemeError(mistakes);
}

function* timestampMistakes(scheme: HmacScheme, template: Template): Generator<SchemeMistake> {
  const { timestampHeader, timestampPrefix, timestampFormat, toleranceSeconds, idHeader } = scheme;
  const place = timestampHeader ? '/timestampHeader' : '/timestampPrefix';
  const timed = timestampHeader !== undefined || timestampPrefix !== undefined;
  const signed = hasField(template, 'timestamp');
  if (timestampHeader && timestampPrefix)
    yield { place: '/timestampPrefix', problem: 'must be left out where there is a timestampHeader' };
  if (signed && !timed)
    yield {
      place: '/template',
      problem: 'has {timestamp}: timestampHeader or timestampPrefix must say where it is',
    };
  if (timed && !signed)
    yield {
      place,
      problem:
        'must be left out, or the template have {timestamp}: anyone could write one that is not signed',
    };
  if (!timed && (timestampFormat || toleranceSeconds))
    yield {
      place: timestampFormat ? '/timestampFormat' : '/toleranceSeconds',
      problem: 'must be left out where nothing says where the timestamp is',
    };
  if (hasField(template, 'id') && !idHeader)
    yield { place: '/template', problem: 'has {id}: idHeader must say where it is' };
  if (/\{id\}\{timestamp\}/.test(scheme.template) && timestampFormat !== 'rfc3339')
    yield {
      place: '/template',
      problem: 'must have text between {id} and {timestamp}: both could be digits',
    };
}

function* elementMistakes(scheme: HmacScheme): Generator<SchemeMistake> {
  const { prefix = '', separator, timestampPrefix, header, timestampHeader, idHeader } = scheme;
  if (separator && prefix.includes(separator))
    yield { place: '/prefix', problem: 'must not hold the separator' };
  if (timestampPrefix !== undefined) {
    if (separator === undefined) yield { place: '/separator', problem: 'is missing: it ends the timestamp' };
    else if (timestampPrefix.includes(separator))
      yield { place: '/timestampPrefix', problem: 'must not hold the separator' };
    if (prefix.startsWith(timestampPrefix) || timestampPrefix.startsWith(prefix))
      yield {
        place: '/timestampPrefix',
        problem: 'must not begin as the prefix does: nothing else tells them apart',
      };
  }
  const places = { header, timestampHeader, idHeader };
  for (const [name, value] of Object.entries(places))
    if (name !== 'header' && value === header)
      yield { place: `/${name}`, problem: 'must be another header than that of the signature' };
}
