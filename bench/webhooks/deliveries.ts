import { createHmac } from 'node:crypto';
import type { Endpoint, SecretStore } from '../../lambdas/domain/webhooks/endpoint.ts';
import { compileMapping } from '../../lambdas/domain/webhooks/mapping.ts';
import { presets } from '../../lambdas/domain/webhooks/presets.ts';
import { TENANT } from '../workloads.ts';

/** Who sends, as the presets have them: GitHub signs the body alone, Stripe its time and, within the body, its id. */
export type Provider = 'github' | 'stripe';

/** One delivery as it comes in, signed. */
export interface SignedDelivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export const SECRET = 'whsec_of-the-bench-and-of-nobody-else';

/** The bench's endpoint of a provider, as `weir webhooks add` makes it from the preset. */
export function endpointOf(provider: Provider): Endpoint {
  const { scheme, mapping } = presets.get(provider)!;
  const endpoint = `we_${provider.padEnd(32, 'x')}`;
  return {
    ...{ endpoint, name: provider, tenant: TENANT, provider, scheme, mapping, status: 'active' },
    headers: compileMapping(mapping).headers,
    url: `https://api.example.com/live/v1/webhooks/${endpoint}`,
    secretId: `weir/webhooks/${endpoint}`,
  };
}

/** Its secret, from nowhere. */
export const MEMORY_SECRETS: SecretStore = {
  find: async () => [{ value: SECRET, created: '2026-11-01T00:00:00Z' }],
};

/**
 * The delivery of that number, signed as its provider does. The same number gives the same event: at another time it is
 * a redelivery.
 * @param bytes exact length of the body
 */
export function deliveryOf(provider: Provider, number: number, bytes: number, atMs: number): SignedDelivery {
  const body = padded(provider === 'github' ? githubEvent(number) : stripeEvent(number), bytes);
  const seconds = Math.floor(atMs / 1000);
  const signed =
    provider === 'github'
      ? {
          'x-github-event': 'issues',
          'x-github-delivery': `0b7ad2c5-4f0c-11f0-9d6e-${String(number).padStart(12, '0')}`,
          'x-hub-signature-256': `sha256=${hmacOf(body)}`,
        }
      : { 'stripe-signature': `t=${seconds},v1=${hmacOf(`${seconds}.`, body)}` };
  return { headers: { 'content-type': 'application/json', ...signed }, body };
}

/** HMAC-SHA256 with the bench's secret, in hex. */
export function hmacOf(...pieces: readonly (string | Buffer)[]): string {
  const hmac = createHmac('sha256', SECRET);
  for (const piece of pieces) hmac.update(piece);
  return hmac.digest('hex');
}

/** When the bench's first event happened. */
export const START_MS = Date.parse('2026-11-10T08:00:00Z');

const githubEvent = (number: number) => ({
  action: 'opened',
  issue: { number, title: 'It does not count', state: 'open' },
  repository: { id: 4_000 + (number % 20), full_name: 'acme/meters' },
  sender: { id: 77, login: 'octocat' },
});

const stripeEvent = (number: number) => ({
  id: `evt_${String(number).padStart(24, '0')}`,
  object: 'event',
  account: `acct_${1_000 + (number % 20)}`,
  created: START_MS / 1000 + number,
  type: 'charge.succeeded',
  data: { object: { object: 'charge', captured: true, amount_captured: 4_999, currency: 'eur' } },
});

function padded(event: object, bytes: number): Buffer {
  const note = 'x'.repeat(bytes - JSON.stringify({ ...event, note: '' }).length);
  return Buffer.from(JSON.stringify({ ...event, note }));
}
