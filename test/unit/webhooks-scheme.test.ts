import { describe, expect, it } from 'vitest';
import { parseScheme, SchemeError } from '../../lambdas/domain/webhooks/scheme.ts';
import { checkSecret } from '../../lambdas/domain/webhooks/secret.ts';

const hmac = {
  kind: 'hmac',
  header: 'X-Signature',
  algorithm: 'sha256',
  encoding: 'hex',
  template: '{timestamp}.{body}',
  timestampHeader: 'X-Timestamp',
};

function mistakesOf(json: unknown): readonly string[] {
  try {
    parseScheme(json);
    return [];
  } catch (error) {
    return (error as SchemeError).mistakes.map(({ place, problem }) => `${place} ${problem}`);
  }
}

describe('a scheme that an operator gives', () => {
  it.each([
    { kind: 'standard-webhooks' },
    { kind: 'standard-webhooks-ed25519', toleranceSeconds: 60 },
    { kind: 'stripe', toleranceSeconds: 1 },
    { kind: 'slack', toleranceSeconds: 86_400 },
    { kind: 'github' },
    { kind: 'shopify' },
  ])('is taken as it is: $kind', (scheme) => {
    expect(parseScheme(scheme)).toEqual(scheme);
  });

  it('has its header names in lower case, as headers are looked up', () => {
    expect(parseScheme({ ...hmac, idHeader: 'X-ID', prefix: 'V1=' })).toEqual({
      ...hmac,
      header: 'x-signature',
      timestampHeader: 'x-timestamp',
      idHeader: 'x-id',
      prefix: 'V1=',
    });
    expect(parseScheme({ kind: 'token', header: 'X-Gitlab-Token' })).toMatchObject({
      header: 'x-gitlab-token',
    });
  });

  const kinds = 'standard-webhooks, standard-webhooks-ed25519, stripe, slack, github, shopify, hmac, token';
  const tolerance = 'must be a whole number of seconds from 1 to 86400';
  const name = 'must be the name of a header: 1 to 64 letters, digits and hyphens';
  const visible = 'must be 1 to 32 visible ASCII characters';
  it.each<[json: unknown, ...mistakes: string[]]>([
    ['github', ' must be an object with a "kind"'],
    [null, ' must be an object with a "kind"'],
    [[], ' must be an object with a "kind"'],
    [{}, `/kind must be one of ${kinds}`],
    [{ kind: 'toString' }, `/kind must be one of ${kinds}`],
    [{ kind: 'stripe', toleranceSeconds: 0 }, `/toleranceSeconds ${tolerance}`],
    [{ kind: 'stripe', toleranceSeconds: 1.5 }, `/toleranceSeconds ${tolerance}`],
    [{ kind: 'stripe', toleranceSeconds: '300' }, `/toleranceSeconds ${tolerance}`],
    [{ kind: 'github', toleranceSeconds: 300 }, '/toleranceSeconds is not known here: allowed are kind'],
    [{ kind: 'stripe', 'a/b~': 1 }, '/a~1b~0 is not known here: allowed are kind, toleranceSeconds'],
    [{ kind: 'token' }, '/header is missing'],
    [{ kind: 'token', header: 'x y', idHeader: '' }, `/header ${name}`, `/idHeader ${name}`],
    [
      { kind: 'hmac' },
      '/header is missing',
      '/algorithm is missing',
      '/encoding is missing',
      '/template is missing',
    ],
    [
      { ...hmac, algorithm: 'md5', encoding: 'HEX', separator: '|', prefix: 'a b' },
      '/algorithm must be one of sha1, sha256, sha512',
      '/encoding must be one of hex, base64',
      '/separator must be a comma, a semicolon or a space',
      `/prefix ${visible}`,
    ],
    [{ ...hmac, timestampFormat: 'iso' }, '/timestampFormat must be one of unix, unix-ms, rfc3339'],
    [{ ...hmac, template: 7 }, '/template must be a text of at most 256 characters'],
    [
      { ...hmac, template: `{timestamp}{body}${'x'.repeat(256)}` },
      '/template must be a text of at most 256 characters',
    ],
    [
      { ...hmac, template: '{timestamp}' },
      '/template must have either {body} or {form}: else the body could be anything',
    ],
    [
      { ...hmac, template: '{timestamp}.{body}{form}' },
      '/template must have either {body} or {form}: else the body could be anything',
    ],
    [
      { ...hmac, template: '{time}.{body}' },
      '/template has no field {time}: there are {body}, {form}, {timestamp}, {id}, {url}',
    ],
    [
      { ...hmac, template: '{timestamp}.{body}}' },
      '/template has a "}" by itself: braces stand around fields only',
    ],
    [
      { ...hmac, template: '{{timestamp}.{body}' },
      '/template has a "{" by itself: braces stand around fields only',
    ],
    [
      { ...hmac, template: '{timestamp}{body}{body}' },
      '/template has {body} twice: each field may stand once',
    ],
    [
      { ...hmac, template: '{timestamp}.{id}{body}', idHeader: 'x-id' },
      '/template must have text behind {id}, such as a full stop: else the id could take more bytes',
    ],
    [
      { ...hmac, template: '{timestamp}.{body}.{id}', idHeader: 'x-id' },
      '/template must have {id} before the body: else the id could take bytes of the body',
    ],
    [
      { ...hmac, template: '{id}{timestamp}.{body}', idHeader: 'x-id' },
      '/template must have text between {id} and {timestamp}: both could be digits',
    ],
    [{ ...hmac, template: '{id}.{timestamp}.{body}' }, '/template has {id}: idHeader must say where it is'],
    [{ ...hmac, timestampHeader: undefined }, `/timestampHeader ${name}`],
    [
      { kind: 'hmac', header: 'x-s', algorithm: 'sha1', encoding: 'hex', template: '{timestamp}.{body}' },
      '/template has {timestamp}: timestampHeader or timestampPrefix must say where it is',
    ],
    [
      { ...hmac, template: '{body}' },
      '/timestampHeader must be left out, or the template have {timestamp}: anyone could write one that is not signed',
    ],
    [
      {
        kind: 'hmac',
        header: 'x-s',
        algorithm: 'sha1',
        encoding: 'hex',
        template: '{body}',
        toleranceSeconds: 9,
      },
      '/toleranceSeconds must be left out where nothing says where the timestamp is',
    ],
    [
      { ...hmac, timestampPrefix: 't=', prefix: 'v1=', separator: ',' },
      '/timestampPrefix must be left out where there is a timestampHeader',
    ],
    [{ ...hmac, prefix: 'v1,', separator: ',' }, '/prefix must not hold the separator'],
    [
      { ...hmac, timestampHeader: 'x-signature', idHeader: 'x-signature' },
      '/timestampHeader must be another header than that of the signature',
      '/idHeader must be another header than that of the signature',
    ],
  ])('%j is refused with every mistake named', (json, ...mistakes) => {
    expect(mistakesOf(json)).toEqual(mistakes);
  });

  it('whose timestamp is an element of the header must say how to tell it', () => {
    const { timestampHeader: _, ...rest } = hmac;
    const timed = { ...rest, timestampPrefix: 't=', prefix: 'v1=', separator: ',' };
    expect(mistakesOf(timed)).toEqual([]);
    expect(mistakesOf({ ...timed, separator: undefined })).toEqual([
      '/separator must be a comma, a semicolon or a space',
    ]);
    const alike = '/timestampPrefix must not begin as the prefix does: nothing else tells them apart';
    expect(mistakesOf({ ...timed, prefix: 't=1' })).toEqual([alike]);
    const { separator: _s, prefix: _p, ...bare } = timed;
    expect(mistakesOf(bare)).toEqual(['/separator is missing: it ends the timestamp', alike]);
    expect(mistakesOf({ ...timed, timestampPrefix: 't,' })).toEqual([
      '/timestampPrefix must not hold the separator',
    ]);
  });

  it('is never repeated in the message: what was written there may be a secret', () => {
    const secret = 'sk_of_which_nobody_may_read';
    for (const json of [{ kind: secret }, { ...hmac, secret, algorithm: secret, prefix: ` ${secret}` }]) {
      expect(() => parseScheme(json)).toThrow(SchemeError);
      expect(mistakesOf(json).join()).not.toContain(secret);
    }
    expect(() => parseScheme({ kind: 'hmac', ...{ secret } })).toThrow(
      /^scheme\/header is missing\n[\s\S]*\nscheme\/secret is not known here/,
    );
  });
});

describe('F10: a secret that an operator gives', () => {
  const key = Buffer.alloc(32, 7).toString('base64');
  const bytes = 'must be "whsec_" and at least 16 bytes in base64';
  const visible = 'must be visible ASCII characters: a space or line break was perhaps copied with it';
  it.each([
    ['github', 'a-secret-of-16-c', undefined],
    ['github', 'a-secret-of-15-', 'must be at least 16 characters long'],
    ['stripe', 'whsec_MfKQ9r8GKYqrTwjU\n', visible],
    ['shopify', '', visible],
    ['slack', '8f742231b10e8888abcd99yyyzzz85a5 ', visible],
    ['token', 'short', 'must be at least 16 characters long'],
    ['standard-webhooks', `whsec_${key}`, undefined],
    ['standard-webhooks', key, undefined],
    ['standard-webhooks', `v1,whsec_${key}`, bytes],
    ['standard-webhooks', 'whsec_AAAA', bytes],
    ['standard-webhooks-ed25519', `whpk_${key}`, undefined],
    ['standard-webhooks-ed25519', `whpk_${key.slice(4)}`, 'must be "whpk_" and 32 bytes in base64'],
    [
      'standard-webhooks-ed25519',
      `whsk_${key}`,
      'is the private key, which only the sender may have: give the public one ("whpk_")',
    ],
  ])('%s: %j', (kind, secret, problem) => {
    const scheme = parseScheme(kind === 'token' ? { kind, header: 'x-token' } : { kind });
    expect(checkSecret(scheme, secret)).toBe(problem);
  });
});
