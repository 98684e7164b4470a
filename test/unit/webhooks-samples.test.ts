import { hash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import { type Contracts, revisionInForce, type ValidatingContract } from '../../lambdas/domain/contract.ts';
import { judgeEvent } from '../../lambdas/domain/judge-event.ts';
import { isUnmeasurable, measureValues } from '../../lambdas/domain/measure.ts';
import { answerHandshake } from '../../lambdas/domain/webhooks/handshake.ts';
import { findDeliveryId } from '../../lambdas/domain/webhooks/map-delivery.ts';
import { compileMapping } from '../../lambdas/domain/webhooks/mapping.ts';
import { normaliseDelivery } from '../../lambdas/domain/webhooks/normalise-delivery.ts';
import { readPayload } from '../../lambdas/domain/webhooks/payload.ts';
import { presets } from '../../lambdas/domain/webhooks/presets.ts';
import { expectedDeliveries, expectedPayments } from '../../samples/webhooks/expected-totals.ts';
import {
  readGitHubDeliveries,
  readStripeDeliveries,
  type SampleDelivery,
} from '../../samples/webhooks/read-deliveries.ts';
import { checkedContracts } from '../support/checked-contracts.ts';

const NOW = Date.parse('2026-11-21T07:05:00Z');
let contracts: Contracts<ValidatingContract>;

beforeAll(async () => {
  contracts = await checkedContracts();
});

/** What becomes of a delivery, as the queue's consumer decides it. */
interface Fate {
  readonly name: string;
  readonly outcome: string;
  readonly event?: CloudEvent;
  readonly hash?: string;
}

function fateOf(provider: string, { name, headers, body }: SampleDelivery): Fate {
  const preset = presets.get(provider)!;
  const mapping = compileMapping(preset.mapping);
  const payload = readPayload(Buffer.from(body), headers['content-type'], mapping.jsonField);
  const deliveryId = headers['x-github-delivery'] ?? findDeliveryId(mapping, { headers, payload })!;
  const delivery = { deliveryId, headers, body: Buffer.from(body) };
  const normalised = normaliseDelivery({ name: `my-${provider}`, provider, mapping }, delivery);
  if ('code' in normalised) return { name, outcome: normalised.code };
  const credential = {
    tenant: 't',
    producer: 'p',
    types: ['*'],
    scopes: [],
    status: 'active',
    keyId: 'k',
  } as const;
  const item = normalised.eventAt(new Date(NOW).toISOString());
  const judgement = judgeEvent(item, { contracts, credential, receivedMs: NOW });
  const outcome = 'refusal' in judgement ? judgement.refusal.code : 'counted';
  return { name, outcome, event: item.plain as CloudEvent, hash: normalised.billedHash };
}

/** Events by their identity in a bucket, which is how the projector tells a repetition. */
function distinct(fates: readonly Fate[]): readonly CloudEvent[] {
  const counted = fates.flatMap(({ outcome, event }) => (outcome === 'counted' ? [event!] : []));
  return [...new Map(counted.map((event) => [event.id, event])).values()];
}

/** Totals of one meter by subject and group value, from what the contract measures. */
function totalsOf(type: string, meter: string, events: readonly CloudEvent[]): Map<string, bigint> {
  const contract = contracts.get(type)!;
  const revision = contract.revisions[revisionInForce(contract, NOW)! - 1]!;
  const totals = new Map<string, bigint>();
  for (const { subject, data } of events) {
    const parts = measureValues(revision, data);
    if (isUnmeasurable(parts)) throw new Error(parts.detail);
    for (const part of parts.filter((each) => each.meter.name === meter)) {
      const key = `${subject} ${part.group.split('=')[1]}`;
      totals.set(key, (totals.get(key) ?? 0n) + part.units);
    }
  }
  return totals;
}

function countBy(keys: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

describe("GitHub's own examples, all 329", () => {
  const deliveries = readGitHubDeliveries();
  let fates: readonly Fate[];
  beforeAll(() => {
    fates = deliveries.map((delivery) => fateOf('github', delivery));
  });

  it('are there', () => {
    expect(deliveries).toHaveLength(329);
    expect(new Set(deliveries.map(({ headers }) => headers['x-github-delivery'])).size).toBe(329);
    expect(new Set(deliveries.map(({ headers }) => headers['x-github-event'])).size).toBe(58);
  });

  it('P3: become events, but for four that name no repository, organization, installation or sender', () => {
    expect(countBy(fates.map(({ outcome }) => outcome))).toEqual({ counted: 325, 'mapping-failed': 4 });
    const refused = fates.filter(({ outcome }) => outcome !== 'counted');
    // Advisories are published to the world: they happen to nobody.
    expect(refused.map(({ name }) => name)).toEqual(
      [0, 1, 2, 3].map((index) => `security_advisory-${index}`),
    );
  });

  it('have for subject the repository, else the organization, else the installation, else the sender', () => {
    const kinds = fates.flatMap(({ event }) => (event ? [event.subject.split(':')[0]!] : []));
    expect(countBy(kinds)).toEqual({ repository: 280, organization: 25, installation: 10, sender: 10 });
  });

  it('have the receipt for time, and the whole payload beside event and action', () => {
    for (const [index, { event }] of fates.entries()) {
      if (!event) continue;
      const { body, headers } = deliveries[index]!;
      const payload = JSON.parse(body);
      expect(event.time).toBe('2026-11-21T07:05:00.000Z');
      expect(event.id).toBe(headers['x-github-delivery']);
      expect(event.source).toBe('/webhooks/my-github');
      const action = payload.action ? { action: payload.action } : {};
      expect(event.data).toEqual({ event: headers['x-github-event'], ...action, payload });
    }
  });

  it('are as many per event as were sent', () => {
    const sent = deliveries.map(({ headers }) => headers['x-github-event']!);
    const mapped = fates.flatMap(({ event }) => (event ? [(event.data as { event: string }).event] : []));
    expect(countBy(mapped)).toEqual(countBy(sent.filter((event) => event !== 'security_advisory')));
    expect(countBy(sent)).toMatchObject({
      issues: 29,
      pull_request: 29,
      push: 7,
      ping: 4,
      security_advisory: 4,
    });
  });

  it('P2: hold five bodies that were sent before under another id, which GitHub does not sign', () => {
    const seen = new Map<string, string>();
    const again = deliveries.flatMap(({ name, body }) => {
      const digest = hash('sha256', body);
      const before = seen.get(digest);
      seen.set(digest, before ?? name);
      return before ? [[name, before]] : [];
    });
    expect(again).toEqual([
      ['github_app_authorization-1', 'github_app_authorization-0'],
      ['membership-2', 'membership-0'],
      ['organization-1', 'organization-0'],
      ['org_block-1', 'org_block-0'],
      ['sponsorship-2', 'sponsorship-0'],
    ]);
  });

  it('hold four pings, which are answered at the door', () => {
    const answered = deliveries.filter(({ headers, body }) => {
      const given = new Map(Object.entries(headers).map(([name, value]) => [name, [value]]));
      return answerHandshake({ kind: 'github' }, { headers: given, body: Buffer.from(body), url: '' });
    });
    expect(answered.map(({ name }) => name)).toEqual(['ping-0', 'ping-1', 'ping-2', 'ping-3']);
  });

  it('come to the totals that are expected: 316 deliveries and no other', () => {
    const firsts = deliveries.filter(
      ({ body, headers }, index) =>
        headers['x-github-event'] !== 'ping' &&
        deliveries.findIndex((other) => other.body === body) === index,
    );
    const totals = totalsOf(
      'github.delivery',
      'deliveries',
      distinct(firsts.map((each) => fateOf('github', each))),
    );
    const expected = expectedDeliveries(deliveries);
    expect(totals).toEqual(
      new Map(expected.map(({ subject, group, value }) => [`${subject} ${group}`, BigInt(value)])),
    );
    expect([...totals.values()].reduce((a, b) => a + b)).toBe(316n);
  });

  it('are the same sent as a form, which is how GitHub sends unless told otherwise', () => {
    for (const delivery of deliveries.filter((_, index) => index % 20 === 0)) {
      const body = new URLSearchParams({ payload: delivery.body }).toString();
      const headers = { ...delivery.headers, 'content-type': 'application/x-www-form-urlencoded' };
      expect(fateOf('github', { ...delivery, headers, body })).toEqual(fateOf('github', delivery));
    }
  });
});

describe("payments, shaped as Stripe's", () => {
  const deliveries = readStripeDeliveries(NOW);
  const totalsIn = (sent: readonly SampleDelivery[]) =>
    totalsOf('payment.received', 'received', distinct(sent.map((each) => fateOf('stripe', each))));
  const expected = () =>
    new Map(
      expectedPayments(deliveries).map(({ subject, group, value }) => [`${subject} ${group}`, BigInt(value)]),
    );

  it('P2: come to what the charges and refunds are worth, out of order and repeated as they are', () => {
    expect(totalsIn(deliveries)).toEqual(expected());
    expect(expected()).toEqual(
      new Map([
        ['acct_1PqH2mKtY8wLr4Vd eur', 4999n + 12000n - 1500n - 2500n],
        ['acct_1PqH2mKtY8wLr4Vd usd', 2000n],
        ['acct_1PqH2mKtY8wLr4Vd jpy', 1200n],
        ['account eur', 900n - 300n],
      ]),
    );
  });

  it('P2: come to the same in every order and however often', () => {
    const more = [...deliveries, ...deliveries].toSorted((a, b) =>
      hash('sha256', a.body).localeCompare(hash('sha256', b.body)),
    );
    for (const order of [deliveries.toReversed(), more]) expect(totalsIn(order)).toEqual(expected());
  });

  it('F2: repeat exactly: a repetition has the hash of the first', () => {
    const fates = deliveries.map((each) => fateOf('stripe', each));
    const byName = Map.groupBy(fates, ({ name }) => name);
    const repeated = [...byName.values()].filter(({ length }) => length > 1);
    expect(repeated.map(([first]) => first!.name)).toHaveLength(3);
    for (const [first, second] of repeated) expect(second).toEqual(first);
  });

  it('P3: are quarantined by their own types where they move no money of ours', () => {
    const kept = deliveries
      .map((each) => fateOf('stripe', each))
      .filter(({ outcome }) => outcome !== 'counted');
    expect(kept.map(({ outcome, event }) => `${event?.type}: ${outcome}`).sort()).toEqual([
      // Their charge is counted when it succeeds, and each refund by itself: see the preset.
      'stripe.charge.refunded: unknown-type',
      'stripe.charge.refunded: unknown-type',
      // Authorized, not captured: nobody has received anything yet.
      'stripe.charge.succeeded: unknown-type',
      'stripe.payment_intent.succeeded: unknown-type',
    ]);
  });

  it('would take a first refund off twice if the sum of refunds were taken for a refund', () => {
    const cumulative = deliveries
      .map(({ body }) => JSON.parse(body))
      .filter(({ type }) => type === 'charge.refunded')
      .map(({ data }) => data.object.amount_refunded);
    expect(cumulative.sort()).toEqual([1500, 4000]);
  });

  it('have the time of the event, moved into the past week, and never one of a signature', () => {
    const times = deliveries.flatMap((each) => fateOf('stripe', each).event?.time ?? []);
    for (const [index, time] of times.entries()) {
      expect(Date.parse(time)).toBe(JSON.parse(deliveries[index]!.body).created * 1000);
    }
    const last = Math.max(...times.map((time) => Date.parse(time)));
    expect(last).toBeLessThanOrEqual(NOW);
    expect(last).toBeGreaterThan(NOW - 7 * 86_400_000);
  });

  it('are the same events all week, and others the week after', () => {
    const first = readStripeDeliveries(NOW);
    const ids = (now: number) => readStripeDeliveries(now).map(({ body }) => JSON.parse(body).id as string);
    const lastMs = Math.max(...first.map(({ body }) => JSON.parse(body).created * 1000));
    expect(readStripeDeliveries(lastMs + 7 * 86_400_000 - 1000)).toEqual(first);
    expect(ids(lastMs + 7 * 86_400_000)).not.toEqual(ids(lastMs));
  });
});
