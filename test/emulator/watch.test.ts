import { randomUUID } from 'node:crypto';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { contractsHash } from '../../build/contracts/counting.mjs';
import { readOutputs } from '../../cli/platform/stack-outputs.ts';
import { addProducer } from '../../cli/producers/manage-producers.ts';
import { producerPorts } from '../../cli/producers/ports.ts';
import { DynamoActivity } from '../../lambdas/adapters/dynamo-activity.ts';
import { DynamoControl } from '../../lambdas/adapters/dynamo-control.ts';
import { DynamoWatch } from '../../lambdas/adapters/dynamo-watch.ts';
import type { Held } from '../../lambdas/domain/control/control.ts';
import { minuteName, minuteOf } from '../../lambdas/domain/watch/last-seen.ts';
import { slotOf } from '../../lambdas/domain/watch/seen-slots.ts';
import { describeWatchStoreContract } from '../contract/watch-store.ts';
import { deployed } from '../support/deployed.ts';
import { aws } from '../support/pipeline.ts';

const { endpoint, ControlTable, WatchFunction } = deployed();
const settings = {
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};
const store = new DynamoWatch(aws.dynamo, ControlTable);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describeWatchStoreContract('DynamoDB', () => store);

interface Answer {
  readonly silent: number;
  readonly expiring: number;
  readonly gap?: { readonly archived: number; readonly accepted: number };
}

async function watch(): Promise<Answer> {
  const { Payload, FunctionError } = await aws.lambda.send(
    new InvokeCommand({ FunctionName: WatchFunction, Payload: Buffer.from('{"now":true}') }),
  );
  const text = Buffer.from(Payload!).toString();
  expect(FunctionError, text).toBeUndefined();
  return JSON.parse(text) as Answer;
}

/** Has a producer be known for ten days, each minute of them, up to `lastMs`; and what came in the last ten minutes unread. */
async function know(names: { tenant: string; producer: string }, lastMs: number): Promise<void> {
  const number = slotOf(names);
  const last = minuteOf(lastMs);
  const others =
    (await store.slots()).get(number)?.seen.filter(({ tenant }) => tenant !== names.tenant) ?? [];
  const span = Math.floor(last / (8 * 1440));
  const seen = { ...names, first: last - 10 * 1440, last, gap: 1, gapBefore: 1, span };
  await store.writeSlot(number, { upTo: minuteOf(Date.now()) - 10, seen: [...others, seen] });
}

const isSilent = async (tenant: string) =>
  (await store.looks()).producers?.names.some((each) => each.tenant === tenant);

describe('watch', () => {
  it('says who has stopped, and takes it back when events come again (F4)', async () => {
    const names = { tenant: `silent-${randomUUID().slice(0, 8)}`, producer: 'meter' };
    await know(names, Date.now() - 30 * MINUTE);
    expect((await watch()).silent).toBeGreaterThan(0);
    expect(await isSilent(names.tenant)).toBe(true);

    await know(names, Date.now() - 30 * MINUTE);
    const minute = minuteName(minuteOf(Date.now()) - 4);
    await new DynamoActivity(aws.dynamo, ControlTable).add(minute, {
      ...names,
      ...{ offered: 1, accepted: 1, shed: 0 },
    });
    await watch();
    expect(await isSilent(names.tenant)).toBe(false);
  });

  it('does not miss one that an operator has suspended (F4)', async () => {
    const names = { tenant: `suspended-${randomUUID().slice(0, 8)}`, producer: 'meter' };
    const control = new DynamoControl(aws.dynamo, ControlTable);
    const hold = async (change: (held: readonly Held[]) => readonly Held[]) => {
      const { v, held, ...rest } = await control.read();
      expect(await control.write({ ...rest, v: v + 1, held: change(held) }, v)).toBe(true);
    };
    const how = { kind: 'suspended' } as const;
    const since = new Date().toISOString();
    await hold((held) => [...held, { ...names, how, since, reason: 'test', by: 'test' }]);
    try {
      await know(names, Date.now() - 30 * MINUTE);
      await watch();
      expect(await isSilent(names.tenant)).toBe(false);
    } finally {
      await hold((held) => held.filter(({ tenant }) => tenant !== names.tenant));
    }
  });

  it('finds the events of the archive that no metric counted (F4)', async () => {
    const cloudWatch = new CloudWatchClient(settings);
    // Yesterday, when no other test sent anything.
    const from = Math.floor((Date.now() - 30 * HOUR) / MINUTE) * MINUTE;
    const put = (service: string, name: string, value: number, at: number) =>
      cloudWatch.send(
        new PutMetricDataCommand({
          Namespace: 'Weir/weir',
          MetricData: [
            {
              MetricName: name,
              Dimensions: [{ Name: 'service', Value: service }],
              Timestamp: new Date(at),
              Value: value,
              Unit: 'Count',
            },
          ],
        }),
      );
    const compare = async () => {
      const totals = [
        { at: from, events: 5 },
        { at: from + HOUR, events: 105 },
      ];
      await store.note('telemetry', { totals, comparedTo: 0 });
      return (await watch()).gap;
    };
    await put('ingest', 'accepted', 100, from + 5 * MINUTE);
    await put('archive', 'archivedEvents', 40, from + 10 * MINUTE);
    expect(await compare()).toEqual({ archived: 60, accepted: 0 });
    await put('archive', 'archivedEvents', 60, from + 20 * MINUTE);
    expect(await compare()).toEqual({ archived: 0, accepted: 0 });
  });

  it('finds keys that end soon', async () => {
    const outputs = readOutputs(new Map(Object.entries(deployed()) as [string, string][]), endpoint);
    const tenant = `ending-${randomUUID().slice(0, 8)}`;
    const { keyId } = await addProducer(producerPorts(settings, outputs), {
      ...{ tenant, producer: 'meter', types: ['*'], scopes: ['events:write'], tier: 'standard' },
      expiresAfterMs: 5 * 24 * HOUR,
    });
    const { expiring } = await watch();
    expect(expiring).toBeGreaterThan(0);
    const { keys } = await store.looks();
    expect(keys?.names.find((each) => each.tenant === tenant)).toMatchObject({ producer: 'meter', keyId });
  });

  it('writes down what runs, for dashboards and incidents', async () => {
    await watch();
    const { deploy } = await store.looks();
    expect(deploy).toMatchObject({ contracts: contractsHash, builds: { ingest: expect.any(String) } });
    const { Items = [] } = await aws.dynamo.send(
      new QueryCommand({
        TableName: ControlTable,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: 'DEPLOYS' } },
      }),
    );
    expect(Items.map(({ sk }) => sk?.S)).toContain(deploy!.at);
    const at = deploy!.at;
    await watch();
    expect((await store.looks()).deploy?.at).toBe(at);
  });
});
