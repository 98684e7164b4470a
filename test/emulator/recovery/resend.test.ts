import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { deployed } from '../../support/deployed.ts';
import { eventually } from '../../support/localstack.ts';
import {
  archivedLines,
  countedOf,
  drained,
  expectedOf,
  newSender,
  query,
  reading,
  type Sender,
  send,
  sendAll,
} from '../../support/pipeline.ts';
import { BY_TEST, ended, meaningOf, recover, runToEnd } from '../../support/recovery.ts';

const { ControlTable } = deployed();
let sender: Sender;
const started = new Date().toISOString();

beforeAll(async () => {
  sender = await newSender('resend');
});

const replaysOf = async (requestId: string) =>
  (await archivedLines()).filter(({ envelope }) => envelope.replay === requestId && !('mark' in envelope));

describe('P8 replay', () => {
  it('sends again what was selected, marked, changes nothing, and is never picked by another replay', async () => {
    const events = Array.from({ length: 60 }, (_, index) => reading(`again-${index % 3}`, index + 0.5));
    await sendAll(sender.apiKey, events);
    await drained();
    const before = await meaningOf(sender.tenant);
    const range = { tenant: sender.tenant, from: started, to: new Date(Date.now() + 60_000).toISOString() };
    for (const requestId of [`replay-${randomUUID()}`, `replay-${randomUUID()}`]) {
      const run = await runToEnd({ verb: 'replay', requestId, ...range });
      expect(run.status).toBe('done');
      expect(run.result!.counts).toMatchObject({ sent: 60 });
      await drained();
      const lines = await replaysOf(requestId);
      const ids = lines.flatMap(({ envelope }) =>
        (envelope.events as { event: { id: string } }[]).map(({ event }) => event.id),
      );
      expect(ids.sort()).toEqual(events.map(({ id }) => id).sort());
      expect(await meaningOf(sender.tenant)).toEqual(before);
    }
  });

  it('lets live traffic through while it runs (isolation)', async () => {
    const requestId = `slow-${randomUUID()}`;
    // At one a second it takes a minute: what is sent meanwhile is counted long before its end.
    const range = { tenant: sender.tenant, from: started, to: new Date(Date.now() + 60_000).toISOString() };
    await recover({ ...BY_TEST, verb: 'replay', requestId, rate: 1, ...range });
    await eventually('the replay sending', async () =>
      (await replaysOf(requestId)).length > 0 ? true : undefined,
    );
    const live = Array.from({ length: 40 }, (_, index) => reading('live', index + 0.25));
    await sendAll(sender.apiKey, live);
    await drained();
    expect(await countedOf(sender.tenant, 'live')).toEqual(expectedOf(live));
    const found = (await query(ControlTable, 'RUNS', requestId))[0]!;
    expect(JSON.stringify(found)).toContain('running');
    await recover({ ...BY_TEST, command: 'cancel', requestId });
    expect((await ended(requestId)).status).toBe('cancelled');
  });
});

describe('redrive', () => {
  it('counts what a fix makes right, once, and keeps what it does not', async () => {
    const wrong = Array.from({ length: 5 }, (_, index) => ({
      ...reading('fixed', 0),
      data: { octets: index + 0.5 },
    }));
    const { body } = await send(sender.apiKey, wrong);
    expect(body.quarantined).toBe(5);
    await drained();
    const [sample] = (await query(ControlTable, `QUARANTINE#${sender.tenant}`)).filter((item) =>
      JSON.stringify(item).includes('octets'),
    );
    const fingerprint = (sample!.sk as { S: string }).S;
    const redrive = { verb: 'redrive', tenant: sender.tenant, fingerprint };
    const unfixed = await runToEnd({ ...redrive, requestId: `unfixed-${randomUUID()}` });
    expect(unfixed.status).toBe('differs');
    const patch = [{ op: 'move', from: '/data/octets', path: '/data/bytes' }];
    for (let time = 0; time < 2; time++) {
      const fixed = await runToEnd({ ...redrive, patch, requestId: `fixed-${randomUUID()}` });
      expect(fixed.status).toBe('done');
      await drained();
      expect(await countedOf(sender.tenant, 'fixed')).toEqual({
        events: 5,
        bytes: '12.5',
        idsHeldOnce: true,
      });
    }
  });
});
