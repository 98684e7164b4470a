// F7: what senders, providers and operators send is in no log of the deployed system.

import { createHmac, randomUUID } from 'node:crypto';
import {
  CloudWatchLogsClient,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { PutRecordCommand } from '@aws-sdk/client-kinesis';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { deployed } from '../support/deployed.ts';
import { eventually } from '../support/localstack.ts';
import { leaksIn } from '../support/logs/capture.ts';
import { planted } from '../support/logs/planted.ts';
import { archivedLines, aws, drained, newSender, reading } from '../support/pipeline.ts';
import { recover, runToEnd } from '../support/recovery.ts';
import { deliver, newWebhook } from '../support/webhooks.ts';

const { endpoint, apiUrl, Stream, WebhookQueueUrl } = deployed();
const run = randomUUID();
/** Apart from what other tests have sent; keys and secrets are whatever the tools make of them. */
const marked = (text: string) => `${text} ${run}`;

const logs = new CloudWatchLogsClient({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** Everything in the logs of all functions, by group. */
async function everythingLogged(): Promise<Map<string, string>> {
  const all = new Map<string, string>();
  for await (const { logGroups = [] } of paginateDescribeLogGroups(
    { client: logs },
    { logGroupNamePrefix: '/aws/lambda/weir-' },
  ))
    for (const { logGroupName } of logGroups) {
      let text = '';
      for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, { logGroupName }))
        text += events.map(({ message }) => `${message}\n`).join('');
      all.set(logGroupName!, text);
    }
  return all;
}

async function post(
  path: string,
  body: string | undefined,
  headers: Record<string, string>,
): Promise<number> {
  const { status } = await fetch(`${apiUrl}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers,
    ...(body !== undefined && { body }),
  });
  return status;
}

it('F7: no log of any room has what anybody sent, nor keys, secrets or addresses', async () => {
  const { tenant, apiKey } = await newSender('scrub');
  const data = marked(planted.data);
  const headers = { 'x-api-key': apiKey, 'user-agent': marked(planted.header) };
  const json = { ...headers, 'content-type': 'application/cloudevents+json' };
  const batch = { ...headers, 'content-type': 'application/cloudevents-batch+json' };

  // The door: what is right, what breaks its contract, what is nobody's, what is no JSON, and questions that are none.
  const good = reading('scrubbed', 1, { data: { bytes: 1, interface: data } });
  const events = [
    good,
    reading('scrubbed', 2, { data: { bytes: data } as never }),
    { ...good, type: marked('planted.type').replaceAll(' ', '-') },
    { ...good, data: { bytes: 3 } },
    data,
  ];
  expect(await post('/v1/events', JSON.stringify(events), batch)).toBe(207);
  expect(await post('/v1/events', `{"${data}`, json)).toBe(400);
  expect(
    await post('/v1/events', '{}', { ...json, 'x-api-key': apiKey.replace(/.{4}$/, 'AAAA') }),
  ).toBeGreaterThan(400);
  expect(
    await post(
      `/v1/usage?subject=a&type=network.transfer&from=${encodeURIComponent(data)}`,
      undefined,
      headers,
    ),
  ).toBe(422);

  // Webhooks: signed, forged, for nobody, and what can't be normalised.
  const hook = await newWebhook({ provider: 'github', tenant });
  const body = Buffer.from(JSON.stringify({ repository: { id: 1 }, text: marked(planted.body) }));
  const signed = (secret: string) => ({
    'content-type': 'application/json',
    'x-github-event': 'push',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  });
  expect((await deliver(hook.url, body, signed(hook.secret))).status).toBe(202);
  expect((await deliver(hook.url, body, signed(planted.secret))).status).toBe(401);
  expect((await deliver(hook.url.replace(/.{4}$/, 'AAAA'), body, signed(planted.secret))).status).toBe(404);
  await aws.sqs.send(
    new SendMessageCommand({ QueueUrl: WebhookQueueUrl, MessageBody: `{"${marked(planted.queue)}` }),
  );

  // Poison in the log itself, and operators who say too much.
  const Data = Buffer.from(`{"${data}`);
  await aws.kinesis.send(new PutRecordCommand({ StreamName: Stream, PartitionKey: run, Data }));
  await drained();
  const fingerprint = await eventually('quarantine in the archive', async () => {
    const lines = await archivedLines();
    const found = lines.map(
      ({ envelope }) => envelope as { tenant?: string; quarantine?: { code: string; fingerprint: string } },
    );
    return found.find((each) => each.tenant === tenant && each.quarantine?.code === 'contract-violation')
      ?.quarantine?.fingerprint;
  });
  const who = { operator: 'tests', reason: marked(planted.reason) };
  const patch = [{ op: 'replace', path: '/data/bytes', value: marked(planted.patch) }];
  await runToEnd({ ...who, verb: 'redrive', requestId: `scrub-${run}`, tenant, fingerprint, patch });
  await expect(
    recover({ ...who, verb: 'redrive', requestId: 'x', patch: marked(planted.patch) }),
  ).rejects.toThrow();

  const secret = [hook.secret, hook.url.split('/').at(-1)!, apiKey];
  const sent = [planted.data, planted.header, planted.body, planted.queue, planted.patch, planted.reason].map(
    marked,
  );
  const all = await eventually('a retry of what can not be normalised', async () => {
    const logged = await everythingLogged();
    return logged.get('/aws/lambda/weir-normalise')?.includes('a delivery was not normalised')
      ? logged
      : undefined;
  });
  expect([...all.keys()].length).toBeGreaterThan(15);
  for (const [group, text] of all)
    expect(leaksIn(text, [...sent, ...secret, planted.secret, 'planted.type']), group).toEqual([]);
  expect([...all.values()].join('')).toContain('not all accepted');
});
