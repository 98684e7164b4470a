import { randomUUID } from 'node:crypto';
import { PutRecordCommand } from '@aws-sdk/client-kinesis';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Trace } from '../../lambdas/domain/trace/trace.ts';
import { deployed } from '../support/deployed.ts';
import { eventually } from '../support/localstack.ts';
import { aws, drained, newSender, reading, type Sender, send, sendAll } from '../support/pipeline.ts';
import { weir } from '../support/weir-cli.ts';

let sender: Sender;
const fresh = () => randomUUID();

async function trace(
  id: string,
  ...more: string[]
): Promise<{ readonly code: number; readonly found: Trace }> {
  const args = ['trace', id, '--tenant', sender.tenant, '--from', '2h', '--json', ...more];
  const { code, err, json } = await weir(args, { env: { AWS_ENDPOINT_URL: deployed().endpoint } });
  expect(code, err).toBeLessThanOrEqual(1);
  return { code, found: json()[0] as unknown as Trace };
}

const fatesIn = ({ ways }: Trace) => ways.flatMap(({ sendings }) => sendings.map(({ fate }) => fate));

beforeAll(async () => {
  sender = await newSender('trace');
});

describe('weir trace, over what is deployed', () => {
  it('follows an event from its receipt to its bucket, and its repetition', async () => {
    const event = reading('box', 5, { id: fresh() });
    const { body } = await send(sender.apiKey, [event]);
    await sendAll(sender.apiKey, [event]);
    await drained();
    const { code, found } = await trace(event.id);
    expect([code, fatesIn(found)]).toEqual([0, ['counted', 'duplicate']]);
    const [way] = found.ways;
    expect(way).toMatchObject({ tenant: sender.tenant, source: event.source, outcome: 'counted' });
    expect(way!.sendings[0]).toMatchObject({
      receipt: body.receipt,
      producer: 'meter',
      object: { key: expect.stringMatching(/^archive\/date=.*\.ndjson\.gz$/) },
      bucket: { subject: 'box', type: 'network.transfer' },
    });
    expect(way!.buckets).toMatchObject([{ head: { epoch: 1 }, held: { in: 'head' } }]);
    expect((await trace(event.id, '--receipt', body.receipt)).found.ways[0]!.sendings).toHaveLength(1);
    const people = await weir(['trace', event.id, '--tenant', sender.tenant], {
      env: { AWS_ENDPOINT_URL: deployed().endpoint },
    });
    expect(people.out).toMatch(/✓ received .*\n.*✓ in the log .*\n.*✓ archived .*\n.*✓ counted/);
  });

  it('finds ids in sealed pages', async () => {
    const time = new Date(Date.now() - 3_600_000).toISOString();
    const events = Array.from({ length: 120 }, () => reading('sealed', 1, { id: fresh(), time }));
    await sendAll(sender.apiKey, events.slice(0, 60));
    await drained();
    await sendAll(sender.apiKey, events.slice(60));
    await drained();
    const { code, found } = await trace(events[0]!.id);
    expect([code, fatesIn(found)]).toEqual([0, ['counted']]);
    expect(found.ways[0]!.buckets).toMatchObject([
      { head: { n: 120 }, held: { in: 'page', page: expect.stringMatching(/^P#network\.transfer#/) } },
    ]);
  });

  it('says why an event is in quarantine: at the door, for a conflict, and where the projector can’t count it', async () => {
    const refused = reading('box', -5, { id: fresh() });
    const reused = reading('box', 1, { id: fresh() });
    await send(sender.apiKey, [refused]);
    await sendAll(sender.apiKey, [reused]);
    await sendAll(sender.apiKey, [{ ...reused, data: { bytes: 2 } }]);
    const poison = reading('box', 1, { id: fresh(), type: 'no.such.type' });
    await aws.kinesis.send(
      new PutRecordCommand({
        StreamName: deployed().Stream,
        PartitionKey: 'poison',
        Data: envelopeOf(poison),
      }),
    );
    await drained();
    // What the projector refuses it writes to the log, which is archived after it.
    await drained();
    const atDoor = await trace(refused.id);
    expect([atDoor.code, fatesIn(atDoor.found)]).toEqual([1, ['quarantined']]);
    expect(atDoor.found.ways[0]!.sendings[0]!.quarantine).toMatchObject({
      code: 'contract-violation',
      fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    const conflict = await trace(reused.id);
    expect(fatesIn(conflict.found)).toEqual(['counted', 'conflict']);
    expect(conflict.found.ways[0]!.sendings[1]!.quarantine?.code).toBe('conflict');
    const poisoned = await trace(poison.id);
    expect([poisoned.code, fatesIn(poisoned.found)]).toEqual([1, ['refused']]);
    expect(poisoned.found.ways[0]!.sendings[0]!.quarantine?.code).toBe('unknown-type');
  });

  it('finds what is not archived yet in the log', async () => {
    const event = reading('box', 1, { id: fresh() });
    await sendAll(sender.apiKey, [event]);
    // Whichever of log and archive has it at this moment: it is found.
    const { found } = await trace(event.id);
    expect(found.looked).toMatchObject({ whole: true, logRead: true });
    expect(found.ways).toHaveLength(1);
    await eventually('it being counted', async () => ((await trace(event.id)).code === 0 ? true : undefined));
  });

  it('says of what was never accepted how far that is known', async () => {
    await drained();
    const { code, found } = await trace(fresh());
    expect([code, found.ways]).toEqual([1, []]);
    expect(found.looked).toMatchObject({ whole: true, archivedTo: expect.stringMatching(/^20/) });
  });
});

function envelopeOf(event: object): Buffer {
  const at = new Date().toISOString();
  return Buffer.from(
    JSON.stringify({
      ...{ v: 1, iid: 'test-trace', n: 1, acked: [], build: 'test', at },
      ...{ tenant: sender.tenant, producer: 'meter', receipt: 'r-poison' },
      events: [{ schema: 1, event }],
    }),
  );
}
