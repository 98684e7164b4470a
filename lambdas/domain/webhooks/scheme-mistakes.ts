import type { HmacScheme, Scheme, SchemeMistake } from './scheme.ts';
import { hasField, parseTemplate, type Template } from './template.ts';

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
export const KINDS = Object.keys(SHAPES);

/** Members that are missing, unknown or wrong by themselves. */
export function findMistakes(kind: Scheme['kind'], given: ReadonlyMap<string, unknown>): SchemeMistake[] {
  const { required, optional } = SHAPES[kind];
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

/** What can only be seen of the members together; each by itself must be right. */
export const findHmacMistakes = (scheme: HmacScheme): SchemeMistake[] => [
  ...timestampMistakes(scheme, parseTemplate(scheme.template)),
  ...elementMistakes(scheme),
];

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
