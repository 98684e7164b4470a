import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PRICED_IN, PRICED_ON, PRICES, priceOf } from '../../lib/prices.ts';
import { type Agreement, DynamoMeter } from '../metering/dynamo-meter.ts';
import { Seeded } from '../random.ts';
import { describeAgreement } from '../report/agreement.ts';
import { amount, dollars, table } from '../report/tables.ts';
import type { BenchContext, SectionResult } from '../section.ts';
import { CONTROL } from '../tables.ts';
import { compareVerifying, type Verifying } from '../webhooks/compare-verifying.ts';
import { deliveryOf, endpointOf, type Provider, START_MS } from '../webhooks/deliveries.ts';
import { type Receiving, timeReceiving } from '../webhooks/time-receiving.ts';
import { endpointItem, WEBHOOK_TABLES, WebhookPath, type WebhookPriced } from '../webhooks/webhook-path.ts';

const MILLION = 1_000_000;
const KB = 1024;
/** One delivery a second to each warm instance: how much of what it remembers for a minute falls on each. */
const PACE_MS = 1_000;
const REPEATED = 0.1;

/** How deliveries come. */
interface Arrival {
  readonly name: string;
  readonly provider: Provider;
  readonly bytes: number;
  /** Messages that the event source mapping hands over at once. */
  readonly batch: number;
  readonly deliveries: number;
  /** Most write units a delivery. */
  readonly limit: number;
}

const ARRIVALS: readonly Arrival[] = [
  { name: 'Stripe, 2 KB', provider: 'stripe', bytes: 2 * KB, batch: 10, deliveries: 2_000, limit: 2 },
  { name: 'GitHub, 2 KB', provider: 'github', bytes: 2 * KB, batch: 10, deliveries: 2_000, limit: 3 },
  { name: 'GitHub, 2 KB, alone', provider: 'github', bytes: 2 * KB, batch: 1, deliveries: 2_000, limit: 3 },
  { name: 'GitHub, 250 KB', provider: 'github', bytes: 250 * KB, batch: 10, deliveries: 400, limit: 3 },
];

const QUICK_SHARE = 10;
const FULL = { rounds: 24, warmUp: 6, times: 400, received: 2_000, receivedWarmUp: 500 };
const QUICK = { rounds: 4, warmUp: 6, times: 200, received: 200, receivedWarmUp: 50 };
const BODIES = [
  { bytes: 2 * KB, share: 1 },
  { bytes: 200 * KB, share: 1 / 20 },
];

interface Billed {
  readonly arrival: string;
  readonly deliveries: number;
  /** Per delivery. */
  readonly each: Readonly<Record<WebhookPriced, number>>;
  readonly agreement: Agreement;
}

/** Webhooks: billed operations up to the log, what verifying costs beside the providers' libraries, and how soon `receive` answers. */
export async function webhooks(context: BenchContext): Promise<SectionResult> {
  const { rounds, warmUp, times, received, receivedWarmUp } = context.quick ? QUICK : FULL;
  const verifying: Verifying[] = [];
  for (const [index, { bytes, share }] of BODIES.entries()) {
    context.progress('verifying', index / BODIES.length);
    verifying.push(...(await compareVerifying(bytes, times * share, rounds, warmUp)));
  }
  context.progress('receiving', 0);
  const receiving = await timeReceiving(received, receivedWarmUp);
  const billed: Billed[] = [];
  for (const arrival of ARRIVALS) billed.push(await runArrival(arrival, context));
  return {
    title: 'Webhooks: billed operations per million deliveries, verifying, and the time to the answer',
    text: [describeBilled(billed), describeVerifying(verifying), describeReceiving(receiving)].join('\n\n'),
    data: { billed, verifying, receiving },
    targets: billed.map(({ arrival, each }, index) => ({
      name: `write units per webhook delivery: ${arrival}`,
      ...{ value: each.dynamoWrite, limit: ARRIVALS[index]!.limit, unit: 'units' },
    })),
  };
}

/** A tenth of the deliveries, at random places, is one that came before. */
async function runArrival(arrival: Arrival, { quick, dynamo, progress }: BenchContext): Promise<Billed> {
  const { name, provider, bytes, batch } = arrival;
  const deliveries = quick ? arrival.deliveries / QUICK_SHARE : arrival.deliveries;
  const endpoint = endpointOf(provider);
  await dynamo.reset(WEBHOOK_TABLES);
  const meter = new DynamoMeter(WEBHOOK_TABLES);
  const [client, unmetered] = [dynamo.client(), dynamo.client()];
  await unmetered.send(new PutItemCommand({ TableName: CONTROL.name, Item: endpointItem(endpoint) }));
  meter.watch(client, unmetered);
  const path = new WebhookPath(client, endpoint);
  const random = new Seeded(1);
  for (let index = 0; index < deliveries; index++) {
    progress(`webhooks: ${name}`, index / deliveries);
    const number = index > 0 && random.fraction() < REPEATED ? random.whole(index) : index;
    const atMs = START_MS + index * PACE_MS;
    await path.receive(deliveryOf(provider, number, bytes, atMs), atMs);
    if ((index + 1) % batch === 0) await path.normalise();
  }
  client.destroy();
  unmetered.destroy();
  const each = Object.entries(path.billed(meter)).map(([kind, quantity]) => [kind, quantity / deliveries]);
  return { arrival: name, deliveries, each: Object.fromEntries(each), agreement: meter.agreement };
}

function describeBilled(results: readonly Billed[]): string {
  const kinds = Object.keys(results[0]!.each) as WebhookPriced[];
  const cell = (kind: WebhookPriced, { each }: Billed) =>
    each[kind] === 0
      ? '–'
      : `${amount(each[kind] * MILLION)} · ${dollars(priceOf(kind, each[kind] * MILLION))}`;
  const total = ({ each }: Billed) =>
    dollars(kinds.reduce((sum, kind) => sum + priceOf(kind, each[kind] * MILLION), 0));
  return [
    table(
      ['operations · US$', ...results.map(({ arrival }) => arrival)],
      [
        ...kinds.map((kind) => [
          PRICES[kind].what.replace(/ \(.*/, ''),
          ...results.map((result) => cell(kind, result)),
        ]),
        ['all of it', ...results.map(total)],
      ],
    ),
    `Prices of ${PRICED_ON}, ${PRICED_IN}. From the provider's request to the log; a tenth repeats an earlier delivery.`,
    'Queue: a send a delivery, a receive and a delete a batch, each by 64 KB of its payload; the mapping’s empty polls, which go on',
    'whatever happens, are not in it. Endpoint and secret are remembered for a minute by each instance, which gets a delivery a second here; a batch',
    'that finds the endpoint forgotten reads it for each of its messages.',
    describeAgreement(results.map(({ agreement }) => agreement)),
  ].join('\n');
}

function describeVerifying(found: readonly Verifying[]): string {
  const rows = found.map(({ library, bytes, oursMicros, libraryMicros, toLibrary, toFloor }) => [
    `${library}, ${bytes / KB} KB`,
    amount(oursMicros),
    amount(libraryMicros),
    `${toLibrary.toFixed(2)} ×`,
    `${toFloor.toFixed(2)} ×`,
  ]);
  return [
    table(['CPU of verifying', 'ours, µs', 'library, µs', 'ours to library', 'ours to one HMAC'], rows),
    'In turns in one process, medians of the rounds’ ratios. From the bytes received on:',
    'of stripe the check of the header alone; standardwebhooks parses the body too; @octokit/webhooks-methods takes it as text.',
  ].join('\n');
}

function describeReceiving({ deliveries, receive, floor }: Receiving): string {
  const rows = ([50, 95, 99] as const).map((percent) => [
    `p${percent}`,
    receive[percent].toFixed(2),
    floor[percent].toFixed(2),
    `${(receive[percent] / floor[percent]).toFixed(2)} ×`,
  ]);
  return [
    table(['receive: event to 202', 'ms', 'floor, ms', 'ratio'], rows),
    `${amount(deliveries)} signed deliveries of 2 KB, one after the other, endpoint and secret remembered, the queue on a port of this machine:`,
    'the ms are this machine’s, and SQS itself takes longer. Floor: one HMAC, one JSON.parse, one such round trip.',
  ].join('\n');
}
