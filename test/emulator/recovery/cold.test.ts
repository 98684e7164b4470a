import { randomUUID } from 'node:crypto';
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Item } from '../../../lambdas/domain/head-item.ts';
import { entriesOf, freeze, placeOf } from '../../support/archive-objects.ts';
import { aws, drained, newSender, reading, type Sender, sendAll } from '../../support/pipeline.ts';
import { runToEnd } from '../../support/recovery.ts';

let sender: Sender;
let cold: Item;
let thaw = async () => {};

beforeAll(async () => {
  sender = await newSender('cold');
  await sendAll(
    sender.apiKey,
    Array.from({ length: 5 }, (_, index) => reading('old', index + 1)),
  );
  await drained();
  const entries = await entriesOf(sender.tenant);
  expect(entries).toHaveLength(1);
  cold = entries[0]!;
  thaw = await freeze(cold);
});
afterAll(() => thaw());

const whereItIs = () => aws.s3.send(new HeadObjectCommand(placeOf(cold)));

describe('what is in a cold tier', () => {
  it('is read by nobody who does not ask for it, and what that would be is said first', async () => {
    await expect(aws.s3.send(new GetObjectCommand(placeOf(cold)))).rejects.toThrow(
      expect.objectContaining({ name: 'InvalidObjectState' }),
    );
    const look = { verb: 'reconcile', tenant: sender.tenant };
    const asked = await runToEnd({ ...look, dryRun: true, requestId: `estimate-${randomUUID()}` });
    expect(asked.status).toBe('done');
    expect(asked.plan!.cold).toMatchObject({
      ...{ objects: 1, bytes: Number((cold.bytes as { N: string }).N) },
      ...{ hours: { standard: 12, bulk: 48 }, usd: { standard: '0.01', bulk: '0.01' } },
    });
    const refused = await runToEnd({ ...look, requestId: `refused-${randomUUID()}` });
    expect([refused.status, refused.error]).toEqual([
      'failed',
      expect.stringMatching(/^1 archive objects .* 12 hours and US\$ 0\.01 .*"restore": "bulk"/),
    ]);
    expect((await whereItIs()).Restore).toBeUndefined();
  });

  it('is taken out first by who does, and then read', async () => {
    const run = await runToEnd({
      ...{ verb: 'reconcile', tenant: sender.tenant, restore: 'bulk', requestId: `restore-${randomUUID()}` },
    });
    expect([run.status, run.result!.findings]).toEqual(['done', []]);
    expect(run.result!.counts).toMatchObject({ eventsFolded: 5, bucketsDiffering: 0 });
    expect(await whereItIs()).toMatchObject({
      StorageClass: 'DEEP_ARCHIVE',
      Restore: expect.stringContaining('ongoing-request="false"'),
    });
  });
});
