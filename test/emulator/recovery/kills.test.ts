import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { deployed } from '../../support/deployed.ts';
import { addFault, clearFaults, eventually, killFunction, listFaults } from '../../support/localstack.ts';
import { drained, newSender, reading, type Sender, sendAll } from '../../support/pipeline.ts';
import { BY_TEST, deleteState, ended, itemsOf, meaningOf, recover } from '../../support/recovery.ts';

const { endpoint } = deployed();
let sender: Sender;
let before: Record<string, unknown>;

beforeAll(async () => {
  sender = await newSender('kills');
  await sendAll(
    sender.apiKey,
    ['a', 'b', 'c'].flatMap((subject) =>
      Array.from({ length: 40 }, (_, index) => reading(subject, index + 0.5)),
    ),
  );
  await drained();
  before = await meaningOf(sender.tenant);
});
afterEach(() => clearFaults(endpoint));

/** In each room its last moment is before this call, the first time that it comes there. */
const DEATHS = [
  { room: 'plan', service: 's3', operation: 'PutObject' },
  { room: 'scan', service: 's3', operation: 'PutObject' },
  { room: 'fold', service: 'dynamodb', operation: 'PutItem' },
  { room: 'conclude', service: 's3', operation: 'PutObject' },
];

const loseAll = async () => {
  for (const subject of ['a', 'b', 'c'])
    for (const item of await itemsOf(sender.tenant, subject)) await deleteState(item);
};
const slowDown = ({ room, service, operation }: (typeof DEATHS)[number], times: number) =>
  addFault(endpoint, { function: `weir-${room}`, service, operation, mode: 'delay', delayMs: 3_000, times });
const struck = async (room: string) =>
  (await listFaults(endpoint)).some((rule) => rule.function === `weir-${room}` && rule.hits > 0)
    ? true
    : undefined;

describe('a run whose functions are killed', () => {
  it('in every room, each in mid-call, ends by itself as it would have', async () => {
    await loseAll();
    for (const death of DEATHS) await slowDown(death, 1);
    const requestId = `killed-${randomUUID()}`;
    await recover({ ...BY_TEST, verb: 'rebuild', tenant: sender.tenant, requestId });
    for (const { room } of DEATHS) {
      await eventually(`${room} in mid-call`, () => struck(room), 150_000);
      expect(await killFunction(endpoint, `weir-${room}`)).toBeGreaterThan(0);
    }
    const run = await ended(requestId);
    expect([run.status, run.attempt]).toEqual(['done', 1]);
    expect(await meaningOf(sender.tenant)).toEqual(before);
    // What Step Functions tries again it waits for, each time longer.
  }, 300_000);

  it('is cancelled in the middle and resumed, and ends as it would have', async () => {
    await loseAll();
    const fold = DEATHS[2]!;
    await slowDown(fold, 1);
    const requestId = `cancelled-${randomUUID()}`;
    await recover({ ...BY_TEST, verb: 'rebuild', tenant: sender.tenant, requestId });
    await eventually('fold in mid-write', () => struck('fold'));
    await recover({ ...BY_TEST, command: 'cancel', requestId });
    await killFunction(endpoint, 'weir-fold');
    expect((await ended(requestId)).status).toBe('cancelled');
    await clearFaults(endpoint);
    await recover({ ...BY_TEST, command: 'resume', requestId });
    const run = await ended(requestId);
    expect([run.status, run.attempt]).toEqual(['done', 2]);
    expect(await meaningOf(sender.tenant)).toEqual(before);
  });
});
