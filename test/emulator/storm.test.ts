import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoActivity } from '../../lambdas/adapters/dynamo-activity.ts';
import { DynamoControl } from '../../lambdas/adapters/dynamo-control.ts';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import type { ControlChange } from '../../lambdas/domain/control/changes.ts';
import { type Control, LEVELS } from '../../lambdas/domain/control/control.ts';
import { readControl } from '../../lambdas/domain/control/read-control.ts';
import { contractsWith, deployContracts } from '../support/deploy-contracts.ts';
import { deployed } from '../support/deployed.ts';
import { addFault, clearFaults, eventually } from '../support/localstack.ts';
import {
  type Answer,
  aws,
  bucketsOf,
  drained,
  newSender,
  query,
  reading,
  type Sender,
  send,
} from '../support/pipeline.ts';
import { weir } from '../support/weir-cli.ts';

const { endpoint, ControlTable, AuditBucket, GuardFunction, MarkFunction } = deployed();
const BULK = 'storm.bulk';
/** Milliseconds that each bucket takes longer. 16 are counted at once, of one shard after the other: some 50 a second. */
const SLOW_MS = 300;
/** Time of the storm at most, and until it is over. */
const STORM_MS = 90_000;
const OVER_MS = 120_000;
/**
 * A storm that is seen within seconds: marks come each second here, not each minute. Budgets are small, as the storm is. A batch
 * of the projector takes what has come since the one before, so in a storm each takes longer; it says how far it is only
 * then. What offers some three times as much as is counted is behind for so long before a batch takes as long.
 */
const SETTINGS = { lagSeconds: 10, calmLagSeconds: 3, stepSeconds: 1, calmSeconds: 3, markSeconds: 3 };
const BUDGETS = { standard: 4, bulk: 40 };

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const control = new DynamoControl(aws.dynamo, ControlTable);
let folder: string;
let environment: Record<string, string> = {};

async function configureGuard(changes: Readonly<Record<string, string>>): Promise<void> {
  const FunctionName = GuardFunction;
  const { Environment } = await aws.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  environment = { ...Environment?.Variables };
  await aws.lambda.send(
    new UpdateFunctionConfigurationCommand({
      FunctionName,
      Environment: { Variables: { ...environment, ...changes } },
    }),
  );
  await waitUntilFunctionUpdatedV2({ client: aws.lambda, maxWaitTime: 60, minDelay: 1 }, { FunctionName });
}

beforeAll(async () => {
  const example = { bytes: 1 };
  folder = await contractsWith({
    [BULK]: {
      'contract.json': {
        ...{ type: BULK, owner: 'team-storm@example.com', current: 1, compatibility: 'BACKWARD' },
        ...{ priority: 'bulk', bucket: 'PT1H', late: 'P35D', early: 'PT5M' },
        revisions: [{ from: '2026-01-01T00:00:00Z', meters: [{ name: 'readings', aggregate: 'count' }] }],
      },
      'v1.schema.json': {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        required: ['bytes'],
        properties: { bytes: { type: 'number' } },
      },
      'examples/valid/one.json': example,
      'examples/invalid/none.json': {},
    },
  });
  await deployContracts(folder);
  await configureGuard({ SETTINGS: JSON.stringify(SETTINGS), BUDGETS: JSON.stringify(BUDGETS) });
});
afterAll(async () => {
  await clearFaults(endpoint);
  const { SETTINGS: settings = '', BUDGETS: budgets = '' } = environment;
  await configureGuard({ SETTINGS: settings, BUDGETS: budgets });
  await rm(dirname(folder), { recursive: true, force: true });
});

/** Each event has a subject of its own, and so a bucket of its own: what counting costs. */
const eventOf = (type: string, data: unknown): CloudEvent => reading(randomUUID(), 0, { type, data });
const payment = () => eventOf('payment.received', { amount: 5, currency: 'eur', movement: 'charge' });
const transfer = () => eventOf('network.transfer', { bytes: 1 });
const bulk = () => eventOf(BULK, { bytes: 1 });

type Item = Answer['body']['results'][number];

/** One who sends a batch after the other, keeps what is not accepted, and sends it again when it is told to. */
class Producer {
  readonly sent: CloudEvent[] = [];
  readonly refusals: Item[] = [];
  #waiting: { readonly event: CloudEvent; readonly at: number }[] = [];

  readonly sender: Sender;
  readonly make: () => CloudEvent;
  readonly perRound: number;
  readonly pauseMs: number;

  constructor(sender: Sender, make: () => CloudEvent, perRound: number, pauseMs = 700) {
    this.sender = sender;
    this.make = make;
    this.perRound = perRound;
    this.pauseMs = pauseMs;
  }

  async storm(until: () => boolean): Promise<void> {
    while (!until()) {
      const fresh = Array.from({ length: this.perRound }, this.make);
      this.sent.push(...fresh);
      await this.#post([...fresh, ...this.#due()]);
      await wait(this.pauseMs);
    }
  }

  /** Sends what is left until it is accepted, each when it may be sent again. */
  async finish(deadline: number): Promise<void> {
    while (this.#waiting.length > 0) {
      if (Date.now() > deadline) throw new Error(`${this.#waiting.length} events were never accepted`);
      const due = this.#due();
      if (due.length > 0) await this.#post(due);
      else await wait(200);
    }
  }

  #due(): CloudEvent[] {
    const due = this.#waiting.filter(({ at }) => at <= Date.now());
    this.#waiting = this.#waiting.filter((one) => !due.includes(one));
    return due.map(({ event }) => event);
  }

  async #post(events: readonly CloudEvent[]): Promise<void> {
    for (let from = 0; from < events.length; from += 500) {
      const some = events.slice(from, from + 500);
      const { body } = await send(this.sender.apiKey, some);
      const results = body.results ?? [];
      // What is not accepted is named: nothing is shed in silence.
      expect(body.accepted + results.length).toBe(some.length);
      this.refusals.push(...results);
      for (const { index, retryAfter = 1 } of results)
        this.#waiting.push({ event: some[index]!, at: Date.now() + retryAfter * 1000 });
    }
  }
}

async function invoke(FunctionName: string, event: object): Promise<Record<string, unknown>> {
  const { Payload, FunctionError } = await aws.lambda.send(
    new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) }),
  );
  const answer = JSON.parse(Buffer.from(Payload!).toString());
  if (FunctionError) throw new Error(`${FunctionName}: ${answer.errorMessage}`);
  return answer;
}

/** As the rule does each minute, only oftener; and marks with it. */
async function watch(until: (control: Control) => boolean, withinMs: number): Promise<Control> {
  return eventually(
    'guard coming that far',
    async () => {
      await invoke(MarkFunction, {});
      await invoke(GuardFunction, { source: 'aws.events', 'detail-type': 'Scheduled Event' });
      const now = await control.read();
      await wait(300);
      return until(now) ? now : undefined;
    },
    withinMs,
  );
}

/** Every version from `first` on, as it was in force. */
async function versionsFrom(first: number): Promise<Control[]> {
  const items = await query(ControlTable, 'CONTROL', 'H#');
  const all = items.map(({ doc }) => readControl((doc as { S: string }).S));
  return all.filter(({ v }) => v >= first).sort((a, b) => a.v - b.v);
}

async function auditedFrom(first: number): Promise<ControlChange[]> {
  const { Contents = [] } = await aws.s3.send(
    new ListObjectsV2Command({ Bucket: AuditBucket, Prefix: 'audit/control/' }),
  );
  const entries = await Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket: AuditBucket, Key }));
      return JSON.parse(await Body!.transformToString()) as ControlChange;
    }),
  );
  return entries.filter(({ v }) => v >= first);
}

/** How many events state has counted of a tenant and type, and whether each only once. */
async function countedOf({ tenant }: Sender, type: string) {
  let events = 0;
  const ids: string[] = [];
  for (const { head, ids: held } of (await bucketsOf(tenant, type)).values()) {
    events += Number(head.n);
    ids.push(...held);
  }
  return { events, distinct: new Set(ids).size };
}

/** Events of the present minute or the one before, the more of the two. */
async function offeredBy({ tenant }: Sender): Promise<number> {
  const minutes = [0, 60_000].map((ago) => new Date(Date.now() - ago).toISOString().slice(0, 16));
  const activity = await Promise.all(
    minutes.map((minute) => new DynamoActivity(aws.dynamo, ControlTable).of(minute)),
  );
  return Math.max(0, ...activity.flat().map((one) => (one.tenant === tenant ? one.offered : 0)));
}

const codes = ({ refusals }: Producer) => new Set(refusals.map(({ code }) => code));

describe('F5, F9: a storm at several times capacity', () => {
  it('is shed by priority and by who sends too much, and is restored; nothing acknowledged is lost', async () => {
    const till = new Producer(await newSender('till'), payment, 4);
    const agent = new Producer(await newSender('agent'), transfer, 3);
    const loop = new Producer(await newSender('loop'), transfer, 40, 200);
    const batch = new Producer(await newSender('batch'), bulk, 20);
    const all = [till, agent, loop, batch];
    await drained();
    // Guard has to have seen the projector come on before it believes that it does.
    await watch(({ level, held }) => level === 'none' && held.length === 0, 30_000);
    const before = await control.read();

    let over = false;
    const storms = all.map((producer) => producer.storm(() => over));
    await eventually('who sends too much being known', async () =>
      (await offeredBy(loop.sender)) > 60 * BUDGETS.standard ? true : undefined,
    );
    await addFault(endpoint, {
      ...{ service: 'dynamodb', operation: 'PutItem', function: 'weir-project' },
      ...{ mode: 'delay', delayMs: SLOW_MS },
    });
    // Two seconds more, for ingest to have heard of it and senders to have been told.
    await watch(({ level }) => level === 'standard', STORM_MS);
    await wait(7_000);
    over = true;
    await Promise.all(storms);
    const asked = Date.now();
    await till.finish(asked + 10_000);

    // While counting is as slow as before, the backlog drains, as so little comes; step by step all is let in again.
    const calm = await watch(({ level, held }) => level === 'none' && held.length === 0, OVER_MS);
    expect(calm).toMatchObject({ level: 'none', held: [], by: 'guard' });
    await clearFaults(endpoint);
    await Promise.all(all.map((producer) => producer.finish(Date.now() + OVER_MS)));
    await drained();

    // Critical events were never shed, and none of them had to be sent twice for it.
    expect(codes(till)).not.toContain('shed');
    expect(codes(till)).not.toContain('over-budget');
    // The others were told so, and when to come again.
    expect(codes(loop)).toContain('over-budget');
    expect(codes(batch)).toContain('shed');
    expect(codes(agent)).toContain('shed');
    for (const { status, code, retryAfter } of all.flatMap(({ refusals }) => refusals)) {
      if (code !== 'shed' && code !== 'over-budget') continue;
      expect(status).toBe(code === 'shed' ? 503 : 429);
      expect(retryAfter).toBeGreaterThanOrEqual(5);
      expect(retryAfter).toBeLessThanOrEqual(30);
    }

    // First who sends most beyond its budget; then one level after the other, up and down.
    const versions = [before, ...(await versionsFrom(before.v + 1))];
    const steps = versions.filter(({ steppedAt }, at) => at > 0 && steppedAt !== versions[at - 1]!.steppedAt);
    expect(steps[0]).toMatchObject({ level: 'none', held: [{ tenant: loop.sender.tenant, by: 'guard' }] });
    const levels = versions.map(({ level }) => LEVELS.indexOf(level));
    for (const [at, level] of levels.entries())
      expect(Math.abs(level - (levels[at - 1] ?? 0))).toBeLessThanOrEqual(1);
    expect(Math.max(...levels)).toBe(3);

    // Every change is in the audit, as it was made.
    const audited = await auditedFrom(before.v + 1);
    for (const version of versions.slice(1))
      expect(audited.map(({ after }) => after)).toContainEqual(version);

    for (const { sender, sent, make } of all) {
      const type = make().type as string;
      const counted = await countedOf(sender, type);
      expect({ tenant: sender.tenant, ...counted }).toEqual({
        ...{ tenant: sender.tenant, events: sent.length, distinct: sent.length },
      });
    }
  }, 400_000);
});

/** LocalStack evaluates no metric math: the alarm's state is set as CloudWatch would set it. */
async function setAlarm(StateValue: 'ALARM' | 'OK'): Promise<void> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new CloudWatchClient({ endpoint, region: 'us-east-1', credentials });
  const AlarmName = 'weir-log-overloaded';
  await client.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'a test' }));
  client.destroy();
}

describe('F5: an alarm that says that more comes than can be taken', () => {
  it('has guard shed, and restore once it is over', async () => {
    await setAlarm('ALARM');
    try {
      const shed = await watch(({ level }) => level === 'half-standard', 60_000);
      expect(shed.reason).toContain('in alarm: weir-log-overloaded');
    } finally {
      await setAlarm('OK');
      await watch(({ level, held }) => level === 'none' && held.length === 0, 60_000);
    }
  });
});

describe('an operator', () => {
  const cli = (...args: string[]) =>
    weir(['control', ...args, '--json'], { env: { AWS_ENDPOINT_URL: endpoint } });

  it('sets and shows it from the command line; ingest goes by it, and guard keeps off', async () => {
    const sender = await newSender('operated');
    const set = await cli('set', '--mode', 'manual', '--level', 'standard', '--yes', '--reason', 'a test');
    expect(set.code, set.err).toBe(0);
    try {
      const answer = await eventually('ingest shedding', async () => {
        const sent = await send(sender.apiKey, [transfer()]);
        return sent.status === 503 ? sent : undefined;
      });
      expect(answer.body.results).toMatchObject([{ status: 503, code: 'shed' }]);
      expect((await send(sender.apiKey, [payment()])).status).toBe(202);
      await invoke(GuardFunction, { source: 'aws.events', 'detail-type': 'Scheduled Event' });
      const [shown] = (await cli('show')).json();
      expect(shown).toMatchObject({ control: { mode: 'manual', level: 'standard', reason: 'a test' } });
    } finally {
      await cli('set', '--mode', 'auto', '--level', 'none', '--reason', 'the test is over');
    }
    await eventually('ingest taking all again', async () =>
      (await send(sender.apiKey, [transfer()])).status === 202 ? true : undefined,
    );
  });

  it('is told all mistakes at once, in guard’s own words', async () => {
    const event = { command: 'set', operator: '', level: 'all', hold: { tenant: 'acme' } };
    await expect(invoke(GuardFunction, event)).rejects.toThrow(
      /Nothing was changed.*\/operator must.*\/reason is missing.*\/level must.*\/hold\/producer is missing/s,
    );
  });
});
