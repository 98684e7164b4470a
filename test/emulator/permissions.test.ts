import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Call, comparePolicies, impliedPermissions } from '../support/compare-policies.ts';
import { deployed } from '../support/deployed.ts';
import { exerciseOperations } from '../support/exercise-operations.ts';
import { exerciseRecovery } from '../support/exercise-recovery.ts';
import { addFault, clearFaults, eventually, killFunction, listFaults } from '../support/localstack.ts';
import { aws, drained, newSender, reading, type Sender, sendAll, usageOf } from '../support/pipeline.ts';
import { policiesOf } from '../support/policies.ts';
import { signedByGitHub } from '../support/receive.ts';
import { configOf, synthesize } from '../support/synth.ts';
import { archivedOf, deliver, newWebhook } from '../support/webhooks.ts';

const { endpoint, apiUrl } = deployed();
let sender: Sender;

beforeAll(async () => {
  sender = await newSender('permissions');
});

/** Makes every function take each of its ways at least once, the rare ones by provoking what they are for. */
async function exerciseEverything(): Promise<void> {
  await countAndSeal();
  await loseAnAnswerWhileSealing();
  await meetTheBucketCold();
  await archiveAfterACrash();
  await quarantineEverywhere();
  await exerciseRecovery(await takeWebhooks());
  await lookAndSteer();
  await readBack();
}

const burst = (subject: string) => Array.from({ length: 80 }, (_, index) => reading(subject, index));

async function countAndSeal(): Promise<void> {
  await sendAll(sender.apiKey, burst('sealed'));
  await drained();
}

/** The head is written and its answer lost: the projector finds a page that it does not know, and reads that alone. */
async function loseAnAnswerWhileSealing(): Promise<void> {
  const fault = { service: 'dynamodb', operation: 'PutItem', function: 'weir-project' };
  await addFault(endpoint, {
    ...fault,
    mode: 'after',
    error: 'InternalServerError',
    status: 500,
    skip: 1,
    times: 1,
  });
  await sendAll(sender.apiKey, burst('sealed'));
  await expectStruck();
  await drained();
}

/** A projector that has cached nothing reads all pages of the bucket. */
async function meetTheBucketCold(): Promise<void> {
  await addFault(endpoint, {
    ...{ service: 'dynamodb', operation: 'BatchGetItem', function: 'weir-project' },
    ...{ mode: 'delay', delayMs: 2_000, times: 1 },
  });
  await sendAll(sender.apiKey, burst('sealed'));
  await eventually('a projector in mid-call', async () =>
    (await killFunction(endpoint, 'weir-project')) > 0 ? true : undefined,
  );
  await clearFaults(endpoint);
  await drained();
}

/** The object is put and its manifest entry is not: next time the object is there already, and is looked at. */
async function archiveAfterACrash(): Promise<void> {
  const fault = { service: 'dynamodb', operation: 'TransactWriteItems', function: 'weir-archive' };
  await addFault(endpoint, {
    ...fault,
    mode: 'before',
    error: 'ResourceNotFoundException',
    status: 400,
    times: 1,
  });
  await sendAll(sender.apiKey, [reading('archived', 1)]);
  await expectStruck();
  await drained();
}

async function expectStruck(): Promise<void> {
  await eventually('the fault striking', async () =>
    (await listFaults(endpoint)).every(({ hits }) => hits > 0) ? true : undefined,
  );
  await clearFaults(endpoint);
}

/** Ingest quarantines an unknown type, the projector a conflict. */
async function quarantineEverywhere(): Promise<void> {
  const event = reading('conflict', 1, { id: randomUUID() });
  await sendAll(sender.apiKey, [event]);
  const headers = { 'content-type': 'application/cloudevents-batch+json', 'x-api-key': sender.apiKey };
  const body = JSON.stringify([reading('x', 1, { type: 'no.such' }), { ...event, data: { bytes: 2 } }]);
  await fetch(`${apiUrl}/v1/events`, { method: 'POST', headers, body });
  await drained();
  await drained();
}

/**
 * Receive keeps a body of its own, normalise quarantines one delivery and counts another, sweep finds a dead letter.
 * @returns the tenant that the dead letter is of
 */
async function takeWebhooks(): Promise<string> {
  const hook = await newWebhook({ provider: 'github' });
  const send = (body: Buffer) => deliver(hook.url, body, signedByGitHub(body, randomUUID(), hook.secret));
  const large = { repository: { id: 1 }, padding: 'x'.repeat(300_000) };
  expect((await send(Buffer.from(JSON.stringify(large)))).status).toBe(202);
  expect((await send(Buffer.from('no JSON'))).status).toBe(202);
  await eventually('both in the archive', async () =>
    (await archivedOf(hook.tenant)).length > 1 ? true : undefined,
  );
  const letter = {
    ...{
      v: 1,
      endpoint: hook.endpoint,
      tenant: hook.tenant,
      name: 'hook',
      receipt: randomUUID(),
      trace: 't',
    },
    ...{ receivedAt: new Date().toISOString(), idSigned: true, timeSigned: true },
    ...{ headers: {}, body: Buffer.from('no JSON').toString('base64') },
  };
  for (const afterSeconds of [3600, 0]) {
    const QueueUrl = deployed().WebhookDeadLettersUrl;
    await aws.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(letter) }));
    await aws.lambda.send(
      new InvokeCommand({
        FunctionName: deployed().SweepFunction,
        Payload: JSON.stringify({ afterSeconds }),
      }),
    );
  }
  return hook.tenant;
}

async function lookAndSteer(): Promise<void> {
  const event = reading('sealed', 1);
  await sendAll(sender.apiKey, [event]);
  await drained();
  await exerciseOperations(sender, event);
}

async function readBack(): Promise<void> {
  const get = (path: string) => fetch(`${apiUrl}${path}`, { headers: { 'x-api-key': sender.apiKey } });
  await usageOf(sender.apiKey, 'sealed');
  expect((await get('/v1/contracts')).status).toBe(200);
}

function recordedCalls(): readonly Call[] {
  return readFileSync(deployed().callsFile, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Call)
    .filter((call) => call.function.startsWith('weir-'));
}

describe('least privilege', () => {
  it('each function makes the calls that its policy allows, and no grant is without use', async () => {
    await exerciseEverything();
    const { assembly } = synthesize(configOf({ stage: 'local' }));
    const { missing, unused } = comparePolicies(policiesOf(assembly), recordedCalls(), impliedPermissions);
    expect(missing).toEqual([]);
    expect(unused).toEqual([]);
  }, 300_000);
});
