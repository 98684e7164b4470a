import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { deployed } from '../../support/deployed.ts';
import { addFault, clearFaults, eventually, killFunction, listFaults } from '../../support/localstack.ts';
import {
  aws,
  countedOf,
  drained,
  expectedOf,
  newSender,
  reading,
  type Sender,
  sendAll,
  usageOf,
} from '../../support/pipeline.ts';

const { endpoint, RepairDeadQueueUrl } = deployed();
const MINUTE = 60_000;
let sender: Sender;

beforeAll(async () => {
  sender = await newSender('outage');
  // What other tests left to an operator is pending for ever.
  await aws.sqs.send(new PurgeQueueCommand({ QueueUrl: RepairDeadQueueUrl }));
});
afterEach(() => clearFaults(endpoint));

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const pending = async () =>
  ((await usageOf(sender.apiKey, 'load-0')) as { pendingRepairs: number }).pendingRepairs;

describe('F12, F8: an outage', () => {
  it('of a minute under load, in which the mapping gives a range up, heals by itself, and totals are exact', async () => {
    // DynamoDB refuses the projector everything, and its processes die as well: waiting alone would sit a minute out.
    await addFault(endpoint, {
      ...{ service: 'dynamodb', operation: 'BatchGetItem', function: 'weir-project' },
      ...{ mode: 'before', error: 'InternalServerError', status: 500 },
    });
    await addFault(endpoint, {
      ...{ service: 'dynamodb', operation: 'PutItem', function: 'weir-project' },
      ...{ mode: 'before', error: 'InternalServerError', status: 500 },
    });
    const events = [];
    let killed = 0;
    for (const end = Date.now() + MINUTE; Date.now() < end; await sleep(1_000)) {
      const batch = Array.from({ length: 20 }, (_, index) => reading(`load-${index % 4}`, index + 0.5));
      await sendAll(sender.apiKey, batch);
      events.push(...batch);
      killed += await killFunction(endpoint, 'weir-project');
    }
    expect(killed).toBeGreaterThan(2);
    expect((await listFaults(endpoint)).some(({ hits }) => hits > 0)).toBe(true);
    const givenUp = await eventually('a range given up', async () =>
      (await pending()) > 0 ? pending() : undefined,
    );
    expect(givenUp).toBeGreaterThan(0);

    await clearFaults(endpoint);
    await eventually('the repair', async () => ((await pending()) === 0 ? true : undefined), 3 * MINUTE);
    await drained();
    for (const subject of ['load-0', 'load-1', 'load-2', 'load-3']) {
      const sent = events.filter((event) => event.subject === subject);
      expect(await countedOf(sender.tenant, subject)).toEqual(expectedOf(sent));
    }
    expect(await usageOf(sender.apiKey, 'load-0')).toMatchObject({
      asOf: expect.any(String),
      pendingRepairs: 0,
    });
  }, 300_000);
});
