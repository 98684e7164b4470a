import type { SampleDelivery } from './read-deliveries.ts';

/** What one group of one meter of one subject must come to. */
export interface ExpectedWebhookTotal {
  readonly subject: string;
  readonly type: 'payment.received' | 'github.delivery';
  readonly meter: string;
  /** Value of the one dimension by which the meter is grouped. */
  readonly group: string;
  /** A whole number. */
  readonly value: string;
}

/** Of Stripe's objects, what says how much money there is in the end. */
interface StripeEvent {
  readonly id: string;
  readonly account?: string;
  readonly created: number;
  readonly type: string;
  readonly data: { readonly object: Readonly<Record<string, unknown>> };
}

/**
 * Money received, by account and currency, worked out as an accountant would from the objects rather than from the
 * movements: what each charge had captured in the end, less each refund that didn't fail. The order of the deliveries,
 * and how often each comes, doesn't enter.
 */
export function expectedPayments(deliveries: readonly SampleDelivery[]): readonly ExpectedWebhookTotal[] {
  const events = deliveries
    .map(({ body }) => JSON.parse(body) as StripeEvent)
    .sort((a, b) => a.created - b.created);
  const captured = new Map<unknown, readonly [group: string, amount: bigint]>();
  const refunded = new Map<unknown, readonly [group: string, amount: bigint]>();
  for (const { account = 'account', data } of events) {
    const { object, id, currency, amount, amount_captured, status } = data.object;
    const group = `${account} ${currency}`;
    if (object === 'charge') captured.set(id, [group, BigInt(Number(amount_captured))]);
    if (object === 'refund') refunded.set(id, [group, status === 'failed' ? 0n : -BigInt(Number(amount))]);
  }
  return totalsOf('payment.received', 'received', [...captured.values(), ...refunded.values()]);
}

/** Deliveries of GitHub that are counted, by subject and event: the first with each body, of those that have a subject. */
export function expectedDeliveries(deliveries: readonly SampleDelivery[]): readonly ExpectedWebhookTotal[] {
  const firsts = new Map(deliveries.toReversed().map((delivery) => [delivery.body, delivery]));
  const counted = [...firsts.values()].flatMap(({ body, headers }) => {
    const payload = JSON.parse(body) as Readonly<Record<string, { readonly id?: number } | undefined>>;
    const kind = ['repository', 'organization', 'installation', 'sender'].find((each) => payload[each]?.id);
    const event = headers['x-github-event'];
    if (!kind || event === 'ping') return [];
    return [[`${kind}:${payload[kind]!.id} ${event}`, 1n] as const];
  });
  return totalsOf('github.delivery', 'deliveries', counted);
}

function totalsOf(
  type: ExpectedWebhookTotal['type'],
  meter: string,
  parts: readonly (readonly [group: string, amount: bigint])[],
): readonly ExpectedWebhookTotal[] {
  const sums = new Map<string, bigint>();
  for (const [group, amount] of parts) sums.set(group, (sums.get(group) ?? 0n) + amount);
  return [...sums].map(([key, sum]) => {
    const [subject = '', group = ''] = key.split(' ');
    return { subject, type, meter, group, value: String(sum) };
  });
}
