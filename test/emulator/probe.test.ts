import { hash } from 'node:crypto';
import { APIGatewayClient, GetApiKeysCommand, GetUsagePlanKeysCommand } from '@aws-sdk/client-api-gateway';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { DynamoProbeKeys } from '../../lambdas/adapters/dynamo-probe-keys.ts';
import type { ProbeResult } from '../../lambdas/probe/run-probe.ts';
import { describeProbeKeysContract } from '../contract/probe-keys.ts';
import { deployed } from '../support/deployed.ts';
import { linesOf } from '../support/function-logs.ts';
import { addFault, clearFaults, eventually } from '../support/localstack.ts';
import { aws, drained, newSender } from '../support/pipeline.ts';

const { endpoint, apiUrl, ControlTable, ProbeFunction, UsagePlanStandard } = deployed();

describeProbeKeysContract('DynamoDB', () => new DynamoProbeKeys(aws.dynamo, ControlTable));

afterEach(() => clearFaults(endpoint));

async function probe(): Promise<ProbeResult> {
  const { Payload, FunctionError } = await aws.lambda.send(
    new InvokeCommand({ FunctionName: ProbeFunction }),
  );
  const text = Buffer.from(Payload!).toString();
  expect(FunctionError, text).toBeUndefined();
  return JSON.parse(text) as ProbeResult;
}

/** API Gateway's copy of the probe's key. */
async function gatewayKey() {
  const gateway = new APIGatewayClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const { items = [] } = await gateway.send(new GetApiKeysCommand({ includeValues: true, limit: 500 }));
  const { items: planned = [] } = await gateway.send(
    new GetUsagePlanKeysCommand({ usagePlanId: UsagePlanStandard, limit: 500 }),
  );
  const [key, ...more] = items.filter(({ value }) => value?.startsWith('wp_'));
  expect(more).toEqual([]);
  expect(planned.map(({ id }) => id)).toContain(key!.id);
  return key!.value!;
}

describe('the probe', () => {
  it("goes round as a customer's event does: sent, counted once, read (F4)", async () => {
    const { ok, roundTripMs } = await probe();
    expect(ok).toBe(true);
    expect(roundTripMs).toBeGreaterThan(0);
    // The same minute's event, or the next one's: neither is counted twice.
    expect((await probe()).ok).toBe(true);
  });

  it('uses the key that the stack has made, and nobody sees it', async () => {
    const since = Date.now();
    await probe();
    const key = await gatewayKey();
    expect(key).toMatch(/^wp_[A-Za-z0-9]{43}$/);
    const found = await new DynamoProbeKeys(aws.dynamo, ControlTable).find(hash('sha256', key));
    expect(found).toMatchObject({ tenant: 'weir', own: true });
    for (const room of ['probe', 'ingest', 'usage'])
      for (const line of await linesOf(room, since)) expect(line).not.toContain(key.slice(3));
  });

  it('says where its event was left when the projector can not write (F8)', async () => {
    const since = Date.now();
    await addFault(endpoint, {
      ...{ service: 'dynamodb', operation: 'PutItem', function: 'weir-project' },
      ...{ mode: 'before', error: 'InternalServerError', status: 500 },
    });
    const failed = await eventually(
      'an event that is not counted yet',
      async () => {
        const result = await probe();
        // What was counted before stays so until the minute is over.
        return result.ok ? undefined : result;
      },
      120_000,
    );
    expect(failed).toMatchObject({ ok: false, failed: { step: 'count' } });
    const line = await eventually('the log line', async () =>
      (await linesOf('probe', since)).find((text) => text.includes('the probe did not come back')),
    );
    expect(JSON.parse(line)).toMatchObject({ level: 'ERROR', step: 'count', minute: failed.minute });
    await clearFaults(endpoint);
    await drained();
    expect((await probe()).ok).toBe(true);
  });

  it('has a key that gives nothing else, and a type that nobody else may send (P6)', async () => {
    const { minute } = await probe();
    const post = async (apiKey: string, type: string) => {
      const event = {
        ...{ specversion: '1.0', id: 'mine', source: '/tests', subject: 'minute-00', type },
        time: `${minute}:00Z`,
        data: { bytes: 1 },
      };
      const answer = await fetch(`${apiUrl}/v1/events`, {
        method: 'POST',
        headers: { 'x-api-key': apiKey, 'content-type': 'application/cloudevents+json' },
        body: JSON.stringify(event),
      });
      return answer.status;
    };
    const { apiKey } = await newSender('probing');
    expect(await post(apiKey, 'weir.probe')).toBe(403);
    expect(await post(await gatewayKey(), 'network.transfer')).toBe(403);
  });
});
