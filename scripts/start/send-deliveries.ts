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

/** What sending the deliveries came to. */
export interface SentDeliveries {
  /** Answered with 202. */
  readonly accepted: number;
  /** Answered at once, with nothing kept: GitHub's pings. */
  readonly answered: number;
}

/**
 * Sends each delivery over HTTP, signed as its provider signs, and as often as it takes.
 * @throws Error where one is refused
 */
export async function sendDeliveries(
  webhooks: Readonly<Record<Provider, Webhook>>,
  { github, stripe }: DeliveryPlan,
  sink: Sink,
): Promise<SentDeliveries> {
  const planned = [
    ...stripe.map((delivery) => ({ provider: 'stripe' as const, delivery })),
    ...github.map((delivery) => ({ provider: 'github' as const, delivery })),
  ];
  const progress = startProgress(sink, '  sending', planned.length);
  const statuses: number[] = [];
  const rest = planned.values();
  const sender = async () => {
    for (const { provider, delivery } of rest) {
      statuses.push(await sendDelivery(provider, webhooks[provider], delivery));
      progress.update(statuses.length, `${grouped(statuses.length)} webhooks`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, sender)).finally(() => progress.stop());
  const accepted = statuses.filter((status) => status === 202).length;
  return { accepted, answered: statuses.length - accepted };
}

/** The status of the answer, 200 or 202. */
async function sendDelivery(
  provider: Provider,
  { url, secret }: Webhook,
  { name, headers, body }: SampleDelivery,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const signature =
      provider === 'github' ? signAsGitHub(body, secret) : signAsStripe(body, secret, Date.now());
    const response = await fetch(url, { method: 'POST', headers: { ...headers, ...signature }, body });
    const text = await response.text();
    if (response.ok) return response.status;
    const passes = response.status === 429 || response.status >= 500;
    if (!passes || attempt === ATTEMPTS)
      throw new Error(`the webhook ${name} of ${provider} was answered with ${response.status}: ${text}`);
    await wait(PAUSE_MS);
  }
}
