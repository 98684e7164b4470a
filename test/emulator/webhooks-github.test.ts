import { expect, it } from 'vitest';
import { expectedOfGitHub } from '../../samples/webhooks/expected-quarantine.ts';
import { readGitHubDeliveries, type SampleDelivery } from '../../samples/webhooks/read-deliveries.ts';
import { signAsGitHub } from '../../samples/webhooks/sign-deliveries.ts';
import { eventually } from '../support/localstack.ts';
import { bucketsOf, drained } from '../support/pipeline.ts';
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

it("P2, P3: each of GitHub's 329 examples, signed and sent, is counted, quarantined by name, or a ping", async () => {
  const deliveries = readGitHubDeliveries();
  const hook = await newWebhook({ provider: 'github' });
  const pings = deliveries.filter(({ headers }) => headers['x-github-event'] === 'ping').length;
  expect(await sendAll(hook, deliveries)).toEqual({ 200: pings, 202: deliveries.length - pings });

  const expected = expectedOfGitHub(deliveries);
  const quarantined = expected.reduce((sum, { value }) => sum + Number(value), 0);
  const total = deliveries.length - pings - quarantined;
  const counted = async () =>
    [...(await bucketsOf(hook.tenant, 'github.delivery')).values()].reduce(
      (sum, { head }) => sum + Number(head.n),
      0,
    );
  const kept = async () =>
    (await archivedOf(hook.tenant)).flatMap(({ quarantine }) => (quarantine ? [quarantine] : []));
  const originsOf = (some: Awaited<ReturnType<typeof kept>>) =>
    new Set(some.map(({ origin }) => origin)).size;
  await eventually(
    'all being counted or kept',
    async () => ((await counted()) >= total && originsOf(await kept()) >= quarantined ? true : undefined),
    200_000,
  );

  await drained();
  expect(await counted()).toBe(total);
  const all = await kept();
  for (const { code, value } of expected)
    expect([code, originsOf(all.filter((one) => one.code === code))]).toEqual([code, Number(value)]);
  expect([...new Set(all.map(({ code }) => code))].sort()).toEqual(expected.map(({ code }) => code).sort());
}, 300_000);
