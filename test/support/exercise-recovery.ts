import { randomUUID } from 'node:crypto';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { PurgeQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import type { Item } from '../../lambdas/domain/head-item.ts';
import { entriesOf, freeze, textOf } from './archive-objects.ts';
import { deployed } from './deployed.ts';
import { addFault, clearFaults, eventually, listFaults } from './localstack.ts';
import { aws, drained, newSender, query, reading, type Sender, send, sendAll, usageOf } from './pipeline.ts';
import { BY_TEST, ended, itemsOf, putState, recover, runToEnd } from './recovery.ts';

const SUBJECT = 'recovered';
const LOST = 'lost';

/**
 * Makes every function of recovery take each of its ways at least once.
 * @param webhooks a tenant with an undeliverable webhook in quarantine
 */
export async function exerciseRecovery(webhooks: string): Promise<void> {
  const { endpoint, AnchorFunction } = deployed();
  const sender = await newSender('exercise');
  // More than a head holds, so that there are pages; and something in quarantine.
  await sendAll(
    sender.apiKey,
    Array.from({ length: 100 }, (_, index) => reading(SUBJECT, index)),
  );
  await send(sender.apiKey, [{ ...reading('fixed', 0), data: { octets: 1 } }]);
  await aws.lambda.send(new InvokeCommand({ FunctionName: AnchorFunction }));
  await sendAll(sender.apiKey, [reading(LOST, 1)]);
  await drained();
  await tamperAndRepair(sender, endpoint);
  await readWhatIsCold(sender);
  await doTheRest(sender, webhooks);
  await giveUpAndHeal(sender, endpoint);
}

const run = async (request: object, status = 'done') => {
  const requestId = `exercise-${randomUUID()}`;
  const ran = await runToEnd({ ...request, requestId });
  expect([requestId, ran.request.verb, ran.status, ran.error]).toEqual([
    ...[requestId, ran.request.verb, status],
    undefined,
  ]);
  return requestId;
};

/** A bucket is wrong, another one lacks an event, and more arrives while it is looked at; what was done about it is undone. */
async function tamperAndRepair({ tenant, apiKey }: Sender, endpoint: string): Promise<void> {
  const head = (await itemsOf(tenant, SUBJECT)).find((item) => sk(item).startsWith('B#'))!;
  const meters = (head.m as { M: object }).M;
  await putState({ ...head, m: { M: { ...meters, bytes: { M: { all: { N: '1' } } } } } });
  const before = await itemsOf(tenant, LOST);
  await sendAll(apiKey, [reading(LOST, 2)]);
  await drained();
  for (const item of before) await putState(item);
  const look = { function: 'weir-fold', service: 'dynamodb', operation: 'BatchGetItem' };
  await addFault(endpoint, { ...look, mode: 'delay', delayMs: 2_000, times: 1 });
  const repaired = run({ verb: 'reconcile', tenant, repair: true }, 'differs');
  await eventually('fold looking at state', async () =>
    (await listFaults(endpoint)).some(({ hits }) => hits > 0) ? true : undefined,
  );
  await sendAll(apiKey, [reading(SUBJECT, 1)]);
  const undo = await repaired;
  await clearFaults(endpoint);
  await run({ verb: 'rebuild', undo });
}

/** Out of a cold tier, where the version that the manifest names is gone as well. */
async function readWhatIsCold({ tenant }: Sender): Promise<void> {
  // All: an object of one shard may hold nothing that is sent again.
  const thaws: (() => Promise<void>)[] = [];
  for (const entry of await entriesOf(tenant)) thaws.push(await freeze(entry, true));
  const to = new Date().toISOString();
  await Promise.all([
    run({ verb: 'replay', tenant, to, restore: 'bulk' }),
    run({ verb: 'rebuild', tenant, restore: 'bulk' }),
  ]);
  for (const thaw of thaws) await thaw();
}

/** All at once, as most of the time they wait. One is cancelled, resumed, and asked for again. */
async function doTheRest({ tenant }: Sender, webhooks: string): Promise<void> {
  const requestId = `exercise-${randomUUID()}`;
  const verify = { ...BY_TEST, verb: 'verify', certificate: true, requestId };
  await recover(verify);
  await recover({ ...BY_TEST, command: 'cancel', requestId });
  await recover({ ...BY_TEST, command: 'resume', requestId });
  await recover(verify);
  const patch = [{ op: 'move', from: '/data/octets', path: '/data/bytes' }];
  await Promise.all([
    run({ verb: 'preview', tenant }),
    run({ verb: 'reconcile', dryRun: true }),
    run({ verb: 'redrive', tenant, fingerprint: await heldOf(tenant, 'contract-violation'), patch }),
    run({ verb: 'redrive', tenant: webhooks, fingerprint: await heldOf(webhooks, 'undeliverable') }),
    run({ verb: 'redrive', queue: 'webhooks' }),
    ended(requestId),
  ]);
}

/** Fingerprint of what is in a tenant's quarantine for this reason. */
async function heldOf(tenant: string, code: string): Promise<string> {
  const held = await query(deployed().ControlTable, `QUARANTINE#${tenant}`);
  return sk(held.find((item) => textOf(item, 'code') === code)!);
}

/** What the projector's mapping gives up is repaired; what is no pointer is an operator's. */
async function giveUpAndHeal({ apiKey }: Sender, endpoint: string): Promise<void> {
  const { RepairQueueUrl, RepairDeadQueueUrl } = deployed();
  // What other tests left to an operator is pending for ever.
  await aws.sqs.send(new PurgeQueueCommand({ QueueUrl: RepairDeadQueueUrl }));
  const pending = async () => ((await usageOf(apiKey, SUBJECT)) as { pendingRepairs: number }).pendingRepairs;
  const head = { function: 'weir-project', service: 'dynamodb', operation: 'BatchGetItem' };
  await addFault(endpoint, { ...head, mode: 'before', error: 'ValidationException', status: 400 });
  await sendAll(apiKey, [reading(SUBJECT, 2)]);
  await eventually('a range given up', async () => ((await pending()) > 0 ? true : undefined));
  await clearFaults(endpoint);
  await eventually('its repair', async () => ((await pending()) === 0 ? true : undefined), 180_000);
  await aws.sqs.send(new SendMessageCommand({ QueueUrl: RepairQueueUrl, MessageBody: 'no pointer' }));
  await eventually('what nobody can repair', async () => ((await pending()) > 0 ? true : undefined));
  await eventually('its way to the operator', async () => {
    await aws.sqs.send(new PurgeQueueCommand({ QueueUrl: RepairDeadQueueUrl }));
    return (await pending()) === 0 ? true : undefined;
  });
}

const sk = (item: Item) => (item.sk as { S: string }).S;
