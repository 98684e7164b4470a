import { createHmac, hash, randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { type AttributeValue, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import {
  GetQueueAttributesCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { rotateSecret, switchWebhook } from '../../cli/webhooks/manage-webhooks.ts';
import { deployed } from '../support/deployed.ts';
import { addFault, clearFaults, eventually, killFunction, listFaults } from '../support/localstack.ts';
import { aws, bucketsOf, drained } from '../support/pipeline.ts';
import type { StoredBucket } from '../support/read-state.ts';
import {
  type Archived,
  archivedOf,
  deliver,
  deployedPorts,
  newWebhook,
  secretsManager,
} from '../support/webhooks.ts';
import { weir } from '../support/weir-cli.ts';

const { endpoint, WebhookQueueUrl, WebhookDeadLettersUrl, SweepFunction, DeliveriesTable } = deployed();

const github = (body: Buffer, secret: string, id: string = randomUUID(), event = 'push') => ({
  'content-type': 'application/json',
  'x-github-event': event,
  'x-github-delivery': id,
  'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
});
const stripe = (body: Buffer, secret: string, at = Math.floor(Date.now() / 1000)) => ({
  'content-type': 'application/json',
  'stripe-signature': `t=${at},v1=${createHmac('sha256', secret).update(`${at}.`).update(body).digest('hex')}`,
});
const push = (repository: number, more = {}) =>
  Buffer.from(JSON.stringify({ repository: { id: repository }, nonce: randomUUID(), ...more }));
const charge = (id: string, amount: number, more = {}) =>
  Buffer.from(
    JSON.stringify({
      id,
      type: 'charge.succeeded',
      created: Math.floor(Date.now() / 1000) - 3600,
      data: { object: { captured: true, amount_captured: amount, currency: 'eur' } },
      ...more,
    }),
  );

/** Waits until the tenant's deliveries are in the archive, `count` of them. */
async function settled(tenant: string, count: number): Promise<readonly Archived[]> {
  const found = await eventually(`${count} envelopes of ${tenant}`, async () => {
    const envelopes = await archivedOf(tenant);
    return envelopes.length >= count ? envelopes : undefined;
  });
  await drained();
  return found;
}
const codesOf = (envelopes: readonly Archived[]) =>
  envelopes.flatMap(({ quarantine }) => (quarantine ? [quarantine.code] : [])).sort();
const eventsOf = (envelopes: readonly Archived[]) =>
  envelopes.flatMap(({ events = [] }) => events.map(({ event }) => event));

const visibility = (seconds: number) =>
  aws.sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl: WebhookQueueUrl,
      Attributes: { VisibilityTimeout: String(seconds) },
    }),
  );

// What fails comes again in seconds, where an account would take three minutes.
beforeAll(() => visibility(2));
afterAll(() => visibility(180));
afterEach(() => clearFaults(endpoint));

describe('POST /v1/webhooks/{endpoint}', () => {
  it('P1, P2: counts a verified delivery once, however often and at once it comes', async () => {
    const hook = await newWebhook({ provider: 'github' });
    const body = push(1);
    const headers = github(body, hook.secret);
    const answers = await Promise.all([1, 2, 3, 4].map(() => deliver(hook.url, body, headers)));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(JSON.parse(answers[0]!.text)).toEqual({ receipt: answers[0]!.headers.get('x-weir-receipt') });
    const envelopes = await settled(hook.tenant, 4);
    expect(codesOf(envelopes)).toEqual([]);
    expect(new Set(eventsOf(envelopes).map((event) => JSON.stringify(event))).size).toBe(1);
    expect(eventsOf(envelopes)[0]).toMatchObject({
      id: headers['x-github-delivery'],
      source: '/webhooks/hook',
      type: 'github.delivery',
      subject: 'repository:1',
    });
    const buckets = [...(await bucketsOf(hook.tenant, 'github.delivery')).values()];
    expect(buckets.map(({ head }) => Number(head.n))).toEqual([1]);
  });

  it('verifies the bytes that were sent: a body that is no UTF-8 arrives unchanged', async () => {
    const hook = await newWebhook({ provider: 'github' });
    const body = Buffer.concat([Buffer.from([0, 255, 254, 195, 40, 128]), randomBytes(2000)]);
    const headers = { ...github(body, hook.secret), 'content-type': 'application/octet-stream' };
    expect((await deliver(hook.url, body, headers)).status).toBe(202);
    const [envelope] = await settled(hook.tenant, 1);
    const kept = envelope!.quarantine!;
    expect([kept.code, kept.type]).toEqual(['no-contract', 'github.push']);
    expect(Buffer.from(kept.input.data_base64 as string, 'base64')).toEqual(body);
  });

  it('refuses forgeries, and tells no more of an address that there is not', async () => {
    const hook = await newWebhook({ provider: 'github' });
    const body = push(1);
    const forged = await deliver(hook.url, body, github(body, 'x'.repeat(64)));
    const unsigned = await deliver(hook.url, body, {});
    const nowhere = await deliver(hook.url.replace(/.{6}$/, 'AAAAAA'), body, github(body, hook.secret));
    expect([forged.status, unsigned.status, nowhere.status]).toEqual([401, 401, 404]);
    const shape = ({ text }: { text: string }) => {
      const { code, detail, type, ...rest } = JSON.parse(text);
      return { code, detail, type, members: Object.keys(rest).sort() };
    };
    expect(shape(nowhere)).toEqual(shape(forged));
    expect(shape(unsigned)).toEqual(shape(forged));
    expect(forged.text).not.toContain(hook.endpoint);
  });

  it('410 once it is disabled, but only to who can sign; what was taken before is counted', async () => {
    const hook = await newWebhook({ provider: 'github' });
    await switchWebhook(deployedPorts(), hook, 'disabled');
    const body = push(1);
    expect((await deliver(hook.url, body, github(body, hook.secret))).status).toBe(410);
    expect((await deliver(hook.url, body, github(body, 'y'.repeat(64)))).status).toBe(401);
  });

  it('answers GitHub’s ping, and keeps nothing of it', async () => {
    const hook = await newWebhook({ provider: 'github' });
    const ping = Buffer.from(JSON.stringify({ zen: 'Keep it logically awesome.', hook_id: 1 }));
    const answer = await deliver(hook.url, ping, github(ping, hook.secret, randomUUID(), 'ping'));
    expect([answer.status, answer.text]).toEqual([200, 'pong']);
  });

  it('keeps a large body beside the event, under its hash, and refuses one beyond 4 MiB', async () => {
    const hook = await newWebhook({ provider: 'github' });
    const body = push(2, { padding: 'é'.repeat(400_000) });
    expect((await deliver(hook.url, body, github(body, hook.secret))).status).toBe(202);
    const [envelope] = await settled(hook.tenant, 1);
    const [event] = eventsOf([envelope!]);
    const sha256 = hash('sha256', body);
    expect(event).toMatchObject({ subject: 'repository:2', datarefhash: sha256 });
    expect(event!.dataref).toMatch(new RegExp(`^s3://weir-archive-.*/webhooks/${hook.tenant}/${sha256}$`));
    expect(JSON.stringify(event).length).toBeLessThan(2000);
    const huge = push(2, { padding: 'x'.repeat(4 * 1024 * 1024) });
    expect((await deliver(hook.url, huge, github(huge, hook.secret))).status).toBe(413);
  });

  it.each([
    ['sqs', 'SendMessage'],
    ['secretsmanager', 'GetSecretValue'],
    ['dynamodb', 'GetItem'],
  ])('P1: 503 while %s %s fails, and 202 on the retry', async (service, operation) => {
    const hook = await newWebhook({ provider: 'github' });
    const body = push(3);
    const headers = github(body, hook.secret);
    await addFault(endpoint, { service, operation, mode: 'before', function: 'weir-receive' });
    const failed = await deliver(hook.url, body, headers);
    expect([failed.status, Number(failed.headers.get('retry-after')) > 0]).toEqual([503, true]);
    await clearFaults(endpoint);
    expect((await deliver(hook.url, body, headers)).status).toBe(202);
    expect(codesOf(await settled(hook.tenant, 1))).toEqual([]);
  });

  it('F10: takes the old and the new secret while they overlap, the new one at once', async () => {
    const hook = await newWebhook({ provider: 'stripe', secret: 'whsec_of_the_provider_1' });
    const send = async (secret: string) => {
      const body = charge(`evt_${randomUUID()}`, 100);
      return (await deliver(hook.url, body, stripe(body, secret))).status;
    };
    expect(await send('whsec_of_the_provider_1')).toBe(202);
    await wait(5_000);
    await rotateSecret(deployedPorts(), hook, 3_600_000, 'whsec_of_the_provider_2');
    expect(await send('whsec_of_the_provider_2')).toBe(202);
    expect(await send('whsec_of_the_provider_1')).toBe(202);
    expect(await send('whsec_of_the_provider_3')).toBe(401);
  });
});

describe('normalising', () => {
  it('P2: a changed redelivery is a conflict, and the first one stays counted', async () => {
    const hook = await newWebhook({ provider: 'stripe', secret: 'whsec_of_the_provider' });
    const id = `evt_${randomUUID()}`;
    const created = Math.floor(Date.now() / 1000) - 60;
    const send = async (amount: number, more = {}) => {
      const body = charge(id, amount, { created, ...more });
      expect((await deliver(hook.url, body, stripe(body, hook.secret))).status).toBe(202);
    };
    await send(500);
    await settled(hook.tenant, 1);
    // What is not mapped may change from attempt to attempt, as Stripe's own count of webhooks does.
    await send(500, { pending_webhooks: 2 });
    await send(700);
    const envelopes = await settled(hook.tenant, 3);
    expect(codesOf(envelopes)).toEqual(['conflict']);
    expect(eventsOf(envelopes).map(({ time }) => time)).toHaveLength(2);
    const [{ head }] = [...(await bucketsOf(hook.tenant, 'payment.received')).values()] as unknown as [
      StoredBucket,
    ];
    expect(Number(head.n)).toBe(1);
    expect(JSON.stringify(head.m)).toContain('500');
  });

  it('P2: a captured body under another delivery id is kept apart; so is its original, sent late', async () => {
    const hook = await newWebhook({ provider: 'github' });
    const body = push(4);
    const first = github(body, hook.secret);
    await deliver(hook.url, body, first);
    await settled(hook.tenant, 1);
    await deliver(hook.url, body, github(body, hook.secret));
    const envelopes = await settled(hook.tenant, 2);
    expect(codesOf(envelopes)).toEqual(['replayed-body']);
    expect(eventsOf(envelopes)).toHaveLength(1);
  });

  it('P2: a redelivery after eight days has the time of the first receipt', async () => {
    const hook = await newWebhook({ provider: 'github' });
    const body = push(5);
    const headers = github(body, hook.secret);
    await deliver(hook.url, body, headers);
    await settled(hook.tenant, 1);
    const eightDaysAgo = new Date(Date.now() - 8 * 86_400_000).toISOString();
    await backdate(hook.endpoint, body, eightDaysAgo);
    await deliver(hook.url, body, headers);
    const envelopes = await settled(hook.tenant, 2);
    expect(codesOf(envelopes)).toEqual([]);
    expect(eventsOf(envelopes).map(({ time }) => time)).toContain(eightDaysAgo);
  });

  /** As if the first receipt had been then; and it would have been remembered for long enough. */
  async function backdate(hook: string, body: Buffer, time: string): Promise<void> {
    const claim = { S: `${hook}#body#${hash('sha256', body)}` };
    const { Items = [] } = await aws.dynamo.send(new ScanCommand({ TableName: DeliveriesTable }));
    const received = Items.find(({ id }) => id?.S === claim.S)!.time!.S;
    const record = Items.find(({ data }) => data?.M?.time?.S === received)!;
    const days = (Number(record.expiration!.N) - Date.now() / 1000) / 86_400;
    expect(days).toBeGreaterThan(35 + 13);
    const put = (Item: Record<string, AttributeValue>) =>
      aws.dynamo.send(new PutItemCommand({ TableName: DeliveriesTable, Item }));
    await put({ ...record, data: { M: { ...record.data!.M, time: { S: time } } } });
    await put({ ...Items.find(({ id }) => id?.S === claim.S), time: { S: time } });
  }

  it('P2, P3: survives a crash between the first receipt’s record and the log', async () => {
    const hook = await newWebhook({ provider: 'github' });
    await addFault(endpoint, {
      ...{ service: 'kinesis', operation: 'PutRecords', function: 'weir-normalise' },
      ...{ mode: 'delay', delayMs: 4_000, times: 1 },
    });
    const body = push(6);
    await deliver(hook.url, body, github(body, hook.secret));
    await eventually('normalise waiting for the log', async () =>
      (await listFaults(endpoint)).some(({ hits }) => hits > 0) ? true : undefined,
    );
    expect(await killFunction(endpoint, 'weir-normalise')).toBeGreaterThan(0);
    await clearFaults(endpoint);
    const envelopes = await settled(hook.tenant, 1);
    expect(codesOf(envelopes)).toEqual([]);
    const buckets = [...(await bucketsOf(hook.tenant, 'github.delivery')).values()];
    expect(buckets.map(({ head }) => Number(head.n))).toEqual([1]);
  });

  it('P3: a claim whose keeper died is taken over', async () => {
    const hook = await newWebhook({ provider: 'github' });
    await addFault(endpoint, {
      ...{ service: 'dynamodb', operation: 'UpdateItem', function: 'weir-normalise' },
      ...{ mode: 'delay', delayMs: 4_000, times: 1 },
    });
    const body = push(7);
    await deliver(hook.url, body, github(body, hook.secret));
    await eventually('normalise in mid-claim', async () =>
      (await listFaults(endpoint)).some(({ hits }) => hits > 0) ? true : undefined,
    );
    expect(await killFunction(endpoint, 'weir-normalise')).toBeGreaterThan(0);
    await clearFaults(endpoint);
    const envelopes = await settled(hook.tenant, 1);
    expect([codesOf(envelopes), eventsOf(envelopes).length]).toEqual([[], 1]);
  });
});

describe('dead letters', () => {
  const counts = async () => {
    const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const { Attributes = {} } = await aws.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: WebhookDeadLettersUrl, AttributeNames: [...AttributeNames] }),
    );
    return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name]), 0);
  };
  const sweep = async (payload: unknown = { afterSeconds: 0 }) => {
    const { Payload } = await aws.lambda.send(
      new InvokeCommand({ FunctionName: SweepFunction, Payload: JSON.stringify(payload) }),
    );
    return JSON.parse(Buffer.from(Payload!).toString());
  };

  it('P3: what fails five times is swept into quarantine, and deleted once the log has it', async () => {
    const tenant = `dead-${randomUUID().slice(0, 8)}`;
    const message = {
      ...{ v: 1, endpoint: `we_${'z'.repeat(32)}`, tenant, name: 'gone', receipt: randomUUID(), trace: 't' },
      ...{ receivedAt: new Date().toISOString(), deliveryId: 'd1', idSigned: true, timeSigned: true },
      ...{ headers: {}, body: Buffer.from('{}').toString('base64') },
    };
    await aws.sqs.send(
      new SendMessageCommand({ QueueUrl: WebhookQueueUrl, MessageBody: JSON.stringify(message) }),
    );
    await eventually('a dead letter', async () => ((await counts()) > 0 ? true : undefined));
    await addFault(endpoint, {
      ...{ service: 'kinesis', operation: 'PutRecords', function: 'weir-sweep' },
      ...{ mode: 'before', error: 'ResourceNotFoundException', status: 400 },
    });
    const failed = await sweep();
    expect([failed.swept, failed.failed]).toEqual([0, 1]);
    expect(await counts()).toBe(1);
    await clearFaults(endpoint);
    expect(await sweep({})).toMatchObject({ swept: 0, young: 1 });
    expect(await sweep()).toMatchObject({ swept: 1, failed: 0 });
    const [envelope] = await settled(tenant, 1);
    expect(envelope!.producer).toBe('webhook:gone');
    expect(envelope!.quarantine).toMatchObject({
      code: 'undeliverable',
      origin: `${message.endpoint}/${message.receipt}`,
      input: { deliveryId: 'd1', body_base64: message.body },
    });
    expect(await counts()).toBe(0);
  });
});

describe('secrets', () => {
  it('are in Secrets Manager alone: neither in the control table, nor in logs, nor in the archive', async () => {
    const hook = await newWebhook({ provider: 'github' });
    const body = push(8);
    await deliver(hook.url, body, github(body, hook.secret));
    await deliver(hook.url, body, github(body, `${hook.secret}0`));
    const archive = JSON.stringify(await settled(hook.tenant, 1));
    const { SecretString } = await secretsManager().send(
      new GetSecretValueCommand({ SecretId: `weir/webhooks/${hook.endpoint}` }),
    );
    expect(JSON.parse(SecretString!).secrets[0].value).toBe(hook.secret);
    const { Items } = await aws.dynamo.send(new ScanCommand({ TableName: deployed().ControlTable }));
    const logs = await logsOf(['receive', 'normalise']);
    expect(logs).toContain('signature-mismatch');
    for (const place of [archive, JSON.stringify(Items), logs]) {
      expect(place).not.toContain(hook.secret);
      expect(place).not.toContain(createHmac('sha256', hook.secret).update(body).digest('hex'));
    }
  });

  async function logsOf(rooms: readonly string[]): Promise<string> {
    const settings = {
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    const client = new CloudWatchLogsClient(settings);
    const texts = await Promise.all(
      rooms.map(async (room) => {
        const { events = [] } = await client.send(
          new FilterLogEventsCommand({ logGroupName: `/aws/lambda/weir-${room}` }),
        );
        return events.map(({ message }) => message).join('\n');
      }),
    );
    return texts.join('\n');
  }
});

describe('weir webhooks', () => {
  it('adds, lists, tries, rotates, disables and enables an endpoint', async () => {
    const tenant = `cli-${randomUUID().slice(0, 8)}`;
    const run = async (...args: readonly string[]) => {
      const env = { AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'us-east-1' };
      const { code, out, err, json } = await weir(['--json', 'webhooks', ...args], {
        env,
        stdin: body.toString(),
      });
      expect([args[0], code, err]).toEqual([args[0], 0, expect.any(String)]);
      return { out, values: json() };
    };
    const body = push(9);
    const named = ['--tenant', tenant, '--webhook', 'code'];
    const [added] = (await run('add', ...named, '--provider', 'github')).values as [
      Record<'url' | 'secret' | 'endpoint', string>,
    ];
    const send = async (secret: string, delivery = push(9)) =>
      (await deliver(added.url, delivery, github(delivery, secret))).status;
    expect(await send(added.secret)).toBe(202);
    const [tried] = (await run('test', added.url, '-', '--header', 'x-github-event: push')).values;
    expect(tried).toMatchObject({ outcome: 'counted', event: { subject: 'repository:9' } });
    const [rotated] = (await run('rotate', ...named, '--overlap', '1h')).values as [{ secret: string }];
    await wait(5_000);
    expect([await send(added.secret), await send(rotated.secret)]).toEqual([202, 202]);
    const { out, values } = await run('list', '--tenant', tenant);
    expect(values).toMatchObject([{ tenant, name: 'code', provider: 'github', status: 'active' }]);
    for (const secret of [added.secret, rotated.secret]) expect(out).not.toContain(secret);
    await run('disable', ...named);
    await run('enable', ...named);
    expect((await run('list', '--tenant', tenant)).values).toMatchObject([{ status: 'active' }]);
  });
});
