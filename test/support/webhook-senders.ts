import { createHmac, generateKeyPairSync, sign as signEd25519 } from 'node:crypto';
import type { Headers } from '../../lambdas/domain/webhooks/read-signature.ts';
import { parseScheme, type Scheme } from '../../lambdas/domain/webhooks/scheme.ts';

/** What a provider puts under its signature. */
export interface Message {
  readonly body: Buffer;
  readonly id: string;
  /** Seconds since the epoch. */
  readonly at: number;
}

/** A provider that sends to an endpoint: it signs as the provider's own page says, not as the code under test does. */
export interface Sender {
  readonly name: string;
  readonly scheme: Scheme;
  /** Of this endpoint: two live ones; then another endpoint's. */
  readonly secrets: readonly [string, string, string];
  /** The headers that matter for verifying, by lower-case name. */
  sign(message: Message, secret: string): Record<string, string>;
  /** The header that holds the signature. */
  readonly header: string;
  readonly signs: { readonly body: boolean; readonly time: boolean; readonly id: boolean };
}

export const URL_OF_ENDPOINT = 'https://api.example.com/live/v1/webhooks/we_x';
const TEXT_SECRETS = [
  'one-secret-of-many-characters',
  'the-next-secret-of-them',
  'of-another-endpoint',
] as const;
const WHSEC = TEXT_SECRETS.map((text) => `whsec_${Buffer.from(`${text}, made long`).toString('base64')}`);

const hmac = (
  algorithm: string,
  secret: string | Buffer,
  encoding: 'hex' | 'base64',
  ...pieces: (string | Buffer)[]
): string =>
  createHmac(algorithm, secret)
    .update(Buffer.concat(pieces.map((p) => Buffer.from(p))))
    .digest(encoding);

const PAIRS = TEXT_SECRETS.map(() => generateKeyPairSync('ed25519'));
const PUBLIC = PAIRS.map(({ publicKey }) => {
  const { x } = publicKey.export({ format: 'jwk' });
  return `whpk_${Buffer.from(x!, 'base64url').toString('base64')}`;
});

const standard = (signature: string, { id, at }: Message) => ({
  'webhook-id': id,
  'webhook-timestamp': String(at),
  'webhook-signature': signature,
});

const allSigned = { body: true, time: true, id: true };
const timeSigned = { body: true, time: true, id: false };
const bodySigned = { body: true, time: false, id: false };

export const senders: readonly Sender[] = [
  {
    name: 'Standard Webhooks',
    scheme: { kind: 'standard-webhooks' },
    secrets: [WHSEC[0]!, WHSEC[1]!, WHSEC[2]!],
    header: 'webhook-signature',
    signs: allSigned,
    sign(message, secret) {
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
      const text = hmac('sha256', key, 'base64', `${message.id}.${message.at}.`, message.body);
      return standard(`v1,${text}`, message);
    },
  },
  {
    name: 'Standard Webhooks, ed25519',
    scheme: { kind: 'standard-webhooks-ed25519' },
    secrets: [PUBLIC[0]!, PUBLIC[1]!, PUBLIC[2]!],
    header: 'webhook-signature',
    signs: allSigned,
    sign(message, secret) {
      const { privateKey } = PAIRS[PUBLIC.indexOf(secret)]!;
      const text = Buffer.concat([Buffer.from(`${message.id}.${message.at}.`), message.body]);
      return standard(`v1a,${signEd25519(null, text, privateKey).toString('base64')}`, message);
    },
  },
  {
    name: 'Stripe',
    scheme: { kind: 'stripe' },
    secrets: TEXT_SECRETS,
    header: 'stripe-signature',
    signs: timeSigned,
    sign: ({ body, at }, secret) => ({
      'stripe-signature': `t=${at},v1=${hmac('sha256', secret, 'hex', `${at}.`, body)}`,
    }),
  },
  {
    name: 'GitHub',
    scheme: { kind: 'github' },
    secrets: TEXT_SECRETS,
    header: 'x-hub-signature-256',
    signs: bodySigned,
    sign: ({ body, id }, secret) => ({
      'x-hub-signature-256': `sha256=${hmac('sha256', secret, 'hex', body)}`,
      'x-github-delivery': id,
    }),
  },
  {
    name: 'Shopify',
    scheme: { kind: 'shopify' },
    secrets: TEXT_SECRETS,
    header: 'x-shopify-hmac-sha256',
    signs: bodySigned,
    sign: ({ body, id }, secret) => ({
      'x-shopify-hmac-sha256': hmac('sha256', secret, 'base64', body),
      'x-shopify-webhook-id': id,
    }),
  },
  {
    name: 'Slack',
    scheme: { kind: 'slack' },
    secrets: TEXT_SECRETS,
    header: 'x-slack-signature',
    signs: timeSigned,
    sign: ({ body, at }, secret) => ({
      'x-slack-request-timestamp': String(at),
      'x-slack-signature': `v0=${hmac('sha256', secret, 'hex', `v0:${at}:`, body)}`,
    }),
  },
  {
    name: 'Square-like',
    scheme: parseScheme({
      kind: 'hmac',
      header: 'X-Square-HmacSha256-Signature',
      algorithm: 'sha256',
      encoding: 'base64',
      template: '{url}{body}',
    }),
    secrets: TEXT_SECRETS,
    header: 'x-square-hmacsha256-signature',
    signs: bodySigned,
    sign: ({ body }, secret) => ({
      'x-square-hmacsha256-signature': hmac('sha256', secret, 'base64', URL_OF_ENDPOINT, body),
    }),
  },
  {
    name: 'a provider with everything of its own',
    scheme: parseScheme({
      kind: 'hmac',
      header: 'X-Own-Signature',
      algorithm: 'sha512',
      encoding: 'hex',
      prefix: 'h1:',
      separator: ';',
      template: '{id}|{url}|{body}|{timestamp}',
      timestampPrefix: 'ts:',
      timestampFormat: 'unix-ms',
      idHeader: 'X-Own-Id',
    }),
    secrets: TEXT_SECRETS,
    header: 'x-own-signature',
    signs: allSigned,
    sign({ body, id, at }, secret) {
      const text = hmac('sha512', secret, 'hex', `${id}|${URL_OF_ENDPOINT}|`, body, `|${at}000`);
      return { 'x-own-id': id, 'x-own-signature': `ts:${at}000;h1:${text}` };
    },
  },
  {
    name: 'Twitch-like',
    scheme: parseScheme({
      kind: 'hmac',
      header: 'Twitch-Eventsub-Message-Signature',
      algorithm: 'sha256',
      encoding: 'hex',
      prefix: 'sha256=',
      template: '{id}{timestamp}{body}',
      timestampHeader: 'Twitch-Eventsub-Message-Timestamp',
      timestampFormat: 'rfc3339',
      idHeader: 'Twitch-Eventsub-Message-Id',
    }),
    secrets: TEXT_SECRETS,
    header: 'twitch-eventsub-message-signature',
    signs: allSigned,
    sign({ body, id, at }, secret) {
      const time = new Date(at * 1000).toISOString();
      return {
        'twitch-eventsub-message-id': id,
        'twitch-eventsub-message-timestamp': time,
        'twitch-eventsub-message-signature': `sha256=${hmac('sha256', secret, 'hex', id, time, body)}`,
      };
    },
  },
  {
    name: 'GitLab token',
    scheme: parseScheme({ kind: 'token', header: 'X-Gitlab-Token', idHeader: 'Idempotency-Key' }),
    secrets: TEXT_SECRETS,
    header: 'x-gitlab-token',
    signs: { body: false, time: false, id: false },
    sign: ({ id }, secret) => ({ 'x-gitlab-token': secret, 'idempotency-key': id }),
  },
];

export const toHeaders = (headers: Readonly<Record<string, string | readonly string[]>>): Headers =>
  new Map(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]),
  );
