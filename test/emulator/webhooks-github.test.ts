import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { expectedOfGitHub } from '../../samples/webhooks/expected-quarantine.ts';
import { readGitHubDeliveries, type SampleDelivery } from '../../samples/webhooks/read-deliveries.ts';
import { signAsGitHub } from '../../samples/webhooks/sign-deliveries.ts';
import { deployed } from '../support/deployed.ts';
import { eventually } from '../support/localstack.ts';
import { aws, bucketsOf, drained } from '../support/pipeline.ts';
import { archivedOf, deliver, newWebhook } from '../support/webhooks.ts';

const CONNECTIONS = 3;

/** Signs and sends each, a few at once; returns how often each status was answered. */
async function sendAll(
  { url, secret }: { readonly url: string; readonly secret: string },
  deliveries: readonly SampleDelivery[],
): Promise<Readonly<Record<number, number>>> {
  const statuses: Record<number, number> = {};
  const rest = deliveries.values();
  const sender = async () => {
    for (const { body, headers } of rest) {
      const { status } = await deliver(url, Buffer.from(body), { ...headers, ...signAsGitHub(body, secret) });
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, sender));
  return statuses;
}

/** Deliveries in the queue, taken or not. */
async function waiting(): Promise<number> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes } = await aws.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: deployed().WebhookQueueUrl, AttributeNames: [...names] }),
  );
  return names.reduce((sum, name) => sum + Number(Attributes?.[name]), 0);
}

it("P2, P3: each of GitHub's 329 examples, signed and sent, is counted, quarantined by name, or a ping", async () => {
  const deliveries = readGitHubDeliveries();
  const hook = await newWebhook({ provider: 'github' });
  const pings = deliveries.filter(({ headers }) => headers['x-github-event'] === 'ping').length;
  expect(await sendAll(hook, deliveries)).toEqual({ 200: pings, 202: deliveries.length - pings });

  await eventually('an empty queue', async () => ((await waiting()) === 0 ? true : undefined), 200_000);
  await drained();
  const envelopes = await archivedOf(hook.tenant);
  const kept = envelopes.flatMap(({ quarantine }) => (quarantine ? [quarantine] : []));
  const countOf = (code: string) =>
    new Set(kept.filter((one) => one.code === code).map(({ origin }) => origin)).size;
  const expected = expectedOfGitHub(deliveries);
  for (const { code, value } of expected) expect([code, countOf(code)]).toEqual([code, Number(value)]);
  expect([...new Set(kept.map(({ code }) => code))].sort()).toEqual(expected.map(({ code }) => code).sort());

  const counted = [...(await bucketsOf(hook.tenant, 'github.delivery')).values()];
  const total = counted.reduce((sum, { head }) => sum + Number(head.n), 0);
  const quarantined = expected.reduce((sum, { value }) => sum + Number(value), 0);
  expect(total).toBe(deliveries.length - pings - quarantined);
}, 300_000);
