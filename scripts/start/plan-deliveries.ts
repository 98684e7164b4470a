import {
  readGitHubDeliveries,
  readStripeDeliveries,
  type SampleDelivery,
} from '../../samples/webhooks/read-deliveries.ts';

export type Provider = 'github' | 'stripe';

/** Deliveries of each provider, in the order in which they are sent. */
export type DeliveryPlan = Readonly<Record<Provider, readonly SampleDelivery[]>>;

/** One of so many of GitHub's examples: more would only take longer. One of these happened to nobody. */
const ONE_OF = 6;
/** One of so many of those comes again. */
const AGAIN = 5;
/** One of so many is sent again by somebody who has seen it, under an id of their own. */
const CAPTURED = 20;

/**
 * What `npm start` sends: some of GitHub's examples, among them redeliveries and replays, and the whole of Stripe's
 * sample, which is out of order and has repetitions in it. No pings: those are answered at once, and not kept. The same
 * for all of a week.
 * @param now ms since the epoch.
 */
export function planDeliveries(now: number): DeliveryPlan {
  const examples = readGitHubDeliveries()
    .filter(({ headers }) => headers['x-github-event'] !== 'ping')
    .filter((_, index) => index % ONE_OF === 1);
  const again = examples.filter((_, index) => index % AGAIN === 0);
  const captured = examples.filter((_, index) => index % CAPTURED === 1).map(underAnotherId);
  return { github: [...examples, ...again, ...captured], stripe: readStripeDeliveries(now) };
}

/** GitHub does not sign the id, so the signature fits all the same. */
function underAnotherId({ name, headers, body }: SampleDelivery): SampleDelivery {
  const id = `captured${headers['x-github-delivery']?.slice(8)}`;
  return { name: `${name}, replayed`, headers: { ...headers, 'x-github-delivery': id }, body };
}
