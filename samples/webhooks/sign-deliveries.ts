import { createHmac } from 'node:crypto';

/**
 * What GitHub puts beside a body, written from its own page and with none of Weir's code:
 * https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function signAsGitHub(body: string, secret: string): Readonly<Record<string, string>> {
  const signature = createHmac('sha256', secret).update(body, 'utf8').digest('hex');
  return { 'x-hub-signature-256': `sha256=${signature}` };
}

/**
 * What Stripe puts beside a body, anew at each attempt, written from its own page:
 * https://docs.stripe.com/webhooks/signature
 * @param now When it is sent, ms since the epoch.
 */
export function signAsStripe(body: string, secret: string, now: number): Readonly<Record<string, string>> {
  const at = Math.floor(now / 1000);
  const signature = createHmac('sha256', secret).update(`${at}.${body}`, 'utf8').digest('hex');
  return { 'stripe-signature': `t=${at},v1=${signature}` };
}
