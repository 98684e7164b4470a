import { verify } from '@octokit/webhooks-methods';
import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { expectedOfGitHub, expectedOfStripe } from '../../samples/webhooks/expected-quarantine.ts';
import { readGitHubDeliveries, readStripeDeliveries } from '../../samples/webhooks/read-deliveries.ts';
import { signAsGitHub, signAsStripe } from '../../samples/webhooks/sign-deliveries.ts';
import { planDeliveries } from '../../scripts/start/plan-deliveries.ts';

const NOW = Date.parse('2026-11-21T07:05:00Z');
const SECRET = 'whsec_that_nobody_has_1';
const counts = (expected: readonly { code: string; value: string }[]) =>
  Object.fromEntries(expected.map(({ code, value }) => [code, value]));
const idOf = ({ headers }: { headers: Readonly<Record<string, string>> }) => headers['x-github-delivery'];

describe('the webhooks that npm start sends', () => {
  it('are signed as the providers’ own libraries want them', async () => {
    const { body } = readGitHubDeliveries()[0]!;
    const signature = signAsGitHub(body, SECRET)['x-hub-signature-256']!;
    expect(await verify(SECRET, body, signature)).toBe(true);
    const stripe = readStripeDeliveries(Date.now())[0]!;
    const header = signAsStripe(stripe.body, SECRET, Date.now())['stripe-signature']!;
    expect(new Stripe('sk_test').webhooks.constructEvent(stripe.body, header, SECRET).object).toBe('event');
  });

  it('hold redeliveries under the same id, and captured bodies under others; Stripe’s come whole', () => {
    const { github, stripe } = planDeliveries(NOW);
    const ids = new Set(github.map(idOf));
    const bodies = new Set(github.map(({ body }) => body));
    expect(github.length - ids.size).toBeGreaterThan(5);
    expect(ids.size - bodies.size).toBeGreaterThan(2);
    expect(counts(expectedOfGitHub(github))).toEqual({ 'replayed-body': '3', 'mapping-failed': '1' });
    expect(stripe).toEqual(readStripeDeliveries(NOW));
    expect(planDeliveries(NOW)).toEqual({ github, stripe });
  });
});

describe('what must be in quarantine', () => {
  it('of all of GitHub’s examples: five bodies that came before, four that happened to nobody', () => {
    const all = readGitHubDeliveries();
    const wanted = { 'replayed-body': '5', 'mapping-failed': '4' };
    expect(counts(expectedOfGitHub(all))).toEqual(wanted);
    expect(counts(expectedOfGitHub([...all, ...all]))).toEqual(wanted);
  });

  it('of the payments: two sums of refunds, an authorisation, an intent', () => {
    expect(counts(expectedOfStripe(readStripeDeliveries(NOW)))).toEqual({ 'no-contract': '4' });
  });
});
