import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One delivery as a provider sends it, but for the signature. */
export interface SampleDelivery {
  /** Names it in reports. Repeated deliveries share it. */
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The files of `stripe/` in the order in which they are sent. Stripe promises neither order nor that an event comes
 * once: a refund comes before its charge, an authorization after its capture, and three events come twice.
 */
const STRIPE_ORDER = [
  '01-charge-succeeded-eur',
  '03-refund-created-first-part',
  '02-charge-succeeded-to-be-refunded',
  '12-payment-intent-succeeded',
  '01-charge-succeeded-eur',
  '08-charge-captured-in-part',
  '07-charge-succeeded-authorised-only',
  '06-charge-refunded-second-part',
  '05-refund-created-second-part',
  '04-charge-refunded-first-part',
  '09-charge-succeeded-jpy',
  '11-refund-failed',
  '10-refund-created-that-fails',
  '05-refund-created-second-part',
  '14-refund-created-own-account',
  '13-charge-succeeded-own-account',
  '11-refund-failed',
];

const WEEK_SECONDS = 7 * 24 * 60 * 60;

/**
 * Stripe's sample in the order of its deliveries, moved by whole weeks so that its last event lies in the week before
 * `now` (ms since the epoch). Ids carry the week: whoever sends the sample twice in a week sends the same events twice.
 */
export function readStripeDeliveries(now: number): readonly SampleDelivery[] {
  const texts = new Map(STRIPE_ORDER.map((name) => [name, readStripeFile(name)]));
  const last = Math.max(...[...texts.values()].map((text) => JSON.parse(text).created));
  const movedBy = Math.floor((now / 1000 - last) / WEEK_SECONDS) * WEEK_SECONDS;
  const day = new Date((last + movedBy) * 1000).toISOString().slice(0, 10).replaceAll('-', '');
  return STRIPE_ORDER.map((name) => ({
    name,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: texts
      .get(name)!
      .replace(/("id": "evt_\w+)"/, `$1${day}"`)
      .replace(/("created": )(\d+)/g, (_, key, seconds) => `${key}${Number(seconds) + movedBy}`),
  }));
}

function readStripeFile(name: string): string {
  return readFileSync(join(import.meta.dirname, 'stripe', `${name}.json`), 'utf8');
}

/** One of GitHub's events in @octokit/webhooks-examples. */
interface Example {
  readonly name: string;
  readonly examples: readonly object[];
}

/** Every payload of @octokit/webhooks-examples for github.com, with the headers that GitHub sends beside it. */
export function readGitHubDeliveries(): readonly SampleDelivery[] {
  const path = fileURLToPath(import.meta.resolve('@octokit/webhooks-examples'));
  const events = JSON.parse(readFileSync(path, 'utf8')) as readonly Example[];
  return events.flatMap(({ name: event, examples }) =>
    examples.map((payload, index) => {
      const name = `${event}-${index}`;
      return {
        name,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'GitHub-Hookshot/044aadd',
          'x-github-event': event,
          'x-github-delivery': uuidOf(name),
        },
        body: JSON.stringify(payload),
      };
    }),
  );
}

/** A UUID (version 8, RFC 9562) that is the same each time. */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
