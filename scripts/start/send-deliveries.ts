import { setTimeout as wait } from 'node:timers/promises';
import type { Sink } from '../../cli/platform/host.ts';
import { grouped } from '../../cli/platform/output.ts';
import { startProgress } from '../../cli/platform/progress.ts';
import type { SampleDelivery } from '../../samples/webhooks/read-deliveries.ts';
import { signAsGitHub, signAsStripe } from '../../samples/webhooks/sign-deliveries.ts';
import type { Webhook } from './make-webhooks.ts';
import type { DeliveryPlan, Provider } from './plan-deliveries.ts';

/** As for events: LocalStack runs one process for each concurrent invocation. */
const CONNECTIONS = 3;
const ATTEMPTS = 8;
const PAUSE_MS = 500;

/**
 * Sends each delivery over HTTP, signed as its provider signs, and as often as it takes.
 * @returns how many were accepted
 * @throws Error where one is not
 */
export async function sendDeliveries(
  webhooks: Readonly<Record<Provider, Webhook>>,
  { github, stripe }: DeliveryPlan,
  sink: Sink,
): Promise<number> {
  const planned = [
    ...stripe.map((delivery) => ({ provider: 'stripe' as const, delivery })),
    ...github.map((delivery) => ({ provider: 'github' as const, delivery })),
  ];
  const progress = startProgress(sink, '  sending', planned.length);
  let accepted = 0;
  const rest = planned.values();
  const sender = async () => {
    for (const { provider, delivery } of rest) {
      await sendDelivery(provider, webhooks[provider], delivery);
      accepted += 1;
      progress.update(accepted, `${grouped(accepted)} webhooks`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, sender)).finally(() => progress.stop());
  return accepted;
}

async function sendDelivery(
  provider: Provider,
  { url, secret }: Webhook,
  { name, headers, body }: SampleDelivery,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const signature =
      provider === 'github' ? signAsGitHub(body, secret) : signAsStripe(body, secret, Date.now());
    const response = await fetch(url, { method: 'POST', headers: { ...headers, ...signature }, body });
    const text = await response.text();
    if (response.status === 202) return;
    const passes = response.status === 429 || response.status >= 500;
    if (!passes || attempt === ATTEMPTS)
      throw new Error(`the webhook ${name} of ${provider} was answered with ${response.status}: ${text}`);
    await wait(PAUSE_MS);
  }
}
