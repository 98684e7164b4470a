import '../support/quiet.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EventsEnvelope, QuarantineEnvelope } from '../../lambdas/domain/envelope.ts';
import type { Endpoint } from '../../lambdas/domain/webhooks/endpoint.ts';
import type { QueuedMessage } from '../../lambdas/domain/webhooks/queued.ts';
import { normaliseBatch } from '../../lambdas/normalise/normalise-batch.ts';
import { MemoryFingerprints } from '../support/memory-fingerprints.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { endpointOf, MemoryBodies, MemoryDeliveries, MemoryEndpoints } from '../support/memory-webhooks.ts';
import { validatingContracts } from '../support/validating-contracts.ts';

const NOW = Date.parse('2026-11-21T07:30:00.000Z');
const DAY = 86_400_000;

/** A provider of readings, as the contract of the tests has them; unless told otherwise its deliveries are as GitHub's. */
const mapping = {
  event: '/kind',
  id: '/id',
  rules: [
    {
      when: 'reading',
      type: 'test.reading',
      subject: '/device',
      time: { value: '/at', orReceipt: true },
      data: { value: '/value' },
    },
  ],
};

function startNormalise(more: Partial<Endpoint> = {}) {
  const clock = { ms: NOW, now: () => clock.ms };
  const endpoint = endpointOf({ provider: 'github', mapping, ...more });
  const endpoints = new MemoryEndpoints(endpoint);
  const log = new MemoryLog();
  const bodies = new MemoryBodies();
  const deliveries = new MemoryDeliveries(clock.now);
  const fingerprints = new MemoryFingerprints();
  const ports = {
    ...{ endpoints, bodies, deliveries, fingerprints, log, clock, contracts: validatingContracts },
    random: { fraction: () => 0.5, hex: () => '00' },
    sleep: async (ms: number) => {
      clock.ms += ms;
    },
  };
  let sent = 0;
  const messageOf = (payload: unknown, extra: Partial<QueuedMessage> = {}): QueuedMessage => ({
    v: 1,
    endpoint: endpoint.endpoint,
    tenant: 'acme',
    name: 'hook',
    receipt: `r${++sent}`,
    trace: 't',
    receivedAt: new Date(clock.ms).toISOString(),
    deliveryId: 'd1',
    idSigned: false,
    timeSigned: false,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)).toString('base64'),
    ...extra,
  });
  const run = (...messages: readonly unknown[]) =>
    normaliseBatch(
      messages.map((message, at) => ({
        id: `m${at}`,
        text: typeof message === 'string' ? message : JSON.stringify(message),
      })),
      ports,
      clock.ms + 20_000,
    );
  const events = () => log.envelopes().flatMap((each) => (each as EventsEnvelope).events ?? []);
  const held = () => log.envelopes().flatMap((each) => (each as QuarantineEnvelope).quarantine ?? []);
  return { clock, endpoint, endpoints, log, bodies, deliveries, fingerprints, messageOf, run, events, held };
}

const reading = (more: Record<string, unknown> = {}) => ({
  kind: 'reading',
  device: 's1',
  value: 1,
  nonce: 'n1',
  ...more,
});

let room: ReturnType<typeof startNormalise>;
beforeEach(() => {
  room = startNormalise();
});

describe('normalise', () => {
  it('makes a delivery an event of the endpoint, with the time of its receipt', async () => {
    expect(await room.run(room.messageOf(reading()))).toEqual({
      failed: [],
      errors: [],
      errorsAt: [],
      outcomes: { accepted: 1 },
    });
    expect(room.log.envelopes()).toMatchObject([
      { tenant: 'acme', producer: 'webhook:hook', at: '2026-11-21T07:30:00.000Z', receipt: 'r1', trace: 't' },
    ]);
    expect(room.events()).toEqual([
      {
        schema: 1,
        event: {
          ...{ specversion: '1.0', id: 'd1', source: '/webhooks/hook', type: 'test.reading', subject: 's1' },
          time: '2026-11-21T07:30:00.000Z',
          datacontenttype: 'application/json',
          data: { value: 1, payload: reading() },
        },
      },
    ]);
  });

  it('P2: is the same event however often a message comes, after a crash at whichever point', async () => {
    const message = room.messageOf(reading());
    room.log.lose = () => true;
    expect((await room.run(message)).failed).toEqual(['m0']);
    room.log.lose = () => false;
    room.clock.ms += DAY;
    await room.run(message);
    const [first, second] = room.events();
    expect(second).toEqual(first);
  });

  it('P2: a redelivery after eight days has the first receipt’s time, and is judged as it was', async () => {
    await room.run(room.messageOf(reading()));
    room.clock.ms += 8 * DAY;
    await room.run(room.messageOf(reading()));
    expect(room.events()[1]).toEqual(room.events()[0]);
    // The day of the first receipt: its quarantine, were it quarantined, would be counted in that day's bucket.
    expect(room.log.envelopes()[1]).toMatchObject({ at: '2026-11-21T07:30:00.000Z', receipt: 'r2' });
  });

  it('P2: even what is captured and sent again after the first receipt is forgotten changes nothing', async () => {
    await room.run(room.messageOf(reading()));
    room.clock.ms += 400 * DAY;
    await room.run(room.messageOf(reading()));
    expect(room.events()[1]).toEqual(room.events()[0]);
  });

  it('P2: a captured body under another delivery id is quarantined, where the id is not signed', async () => {
    await room.run(room.messageOf(reading()));
    await room.run(room.messageOf(reading(), { deliveryId: 'd2' }));
    expect(room.events()).toHaveLength(1);
    expect(room.held()).toMatchObject([
      { code: 'replayed-body', origin: `${room.endpoint.endpoint}/d2`, input: { deliveryId: 'd2' } },
    ]);
  });

  it('takes one body under two signed ids for two deliveries', async () => {
    const signed = { idSigned: true, timeSigned: true };
    await room.run(
      room.messageOf(reading(), signed),
      room.messageOf(reading(), { ...signed, deliveryId: 'd2' }),
    );
    expect(room.events().map(({ event }) => event.id)).toEqual(['d1', 'd2']);
    expect(room.deliveries.claims.size).toBe(0);
  });

  it('P2: a known delivery id with other mapped fields is a conflict; with another rest it is the same', async () => {
    await room.run(room.messageOf(reading()));
    await room.run(room.messageOf(reading({ nonce: 'n2' })));
    await room.run(room.messageOf(reading({ value: 2, nonce: 'n3' })));
    await room.run(room.messageOf(reading({ value: 2, nonce: 'n3' })));
    expect(room.events()).toHaveLength(2);
    const origins = room.held().map(({ code, origin }) => `${code} ${origin.replace(/#.*/, '#')}`);
    expect(origins).toEqual(Array(2).fill(`conflict ${room.endpoint.endpoint}/d1#`));
    expect(room.held()[1]!.origin).toBe(room.held()[0]!.origin);
  });

  it('keeps a type without a contract, and takes it once there is one', async () => {
    await room.run(room.messageOf({ kind: 'issues', device: 's1' }));
    expect(room.held()).toMatchObject([
      { code: 'no-contract', type: 'github.issues', input: { id: 'd1', type: 'github.issues' } },
    ]);
  });

  it('P3: keeps what the mapping can not map, and what no event may hold, with the body', async () => {
    const cases: readonly [string, unknown, string][] = [
      ['no subject', reading({ device: undefined }), 'mapping-failed'],
      ['a time that is none', reading({ at: 'noon' }), 'time-invalid'],
      ['too early', reading({ at: '2027-01-01T00:00:00Z' }), 'too-early'],
      ['too late', reading({ at: '2020-01-01T00:00:00Z' }), 'too-late'],
      ['a contract broken', reading({ value: 'x' }), 'contract-violation'],
      ['half a surrogate pair', '{"kind":"reading","device":"s1","value":1,"x":"\\ud800"}', 'lone-surrogate'],
      [
        'depth',
        `{"kind":"reading","device":"s1","x":${'['.repeat(400)}${']'.repeat(400)}}`,
        'invalid-cloudevent',
      ],
      ['an over-long id', reading({ nonce: 'long' }), 'invalid-cloudevent'],
    ];
    for (const [at, [name, payload, code]] of cases.entries()) {
      const deliveryId = code === 'invalid-cloudevent' && name !== 'depth' ? 'x'.repeat(200) : `d-${at}`;
      const { failed, errors } = await room.run(room.messageOf(payload, { deliveryId }));
      expect([name, failed, errors]).toEqual([name, [], []]);
      const last = room.held().at(-1)!;
      expect([name, last.code]).toEqual([name, code]);
      expect(JSON.stringify(last.input).length).toBeGreaterThan(20);
    }
    expect(room.events()).toEqual([]);
  });

  it('P3: keeps as bytes what would swell as JSON, so that it fits the log', async () => {
    const form = `kind=reading&device=s1&value=1&x=${'\u0001'.repeat(200_000)}`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await room.run(room.messageOf(form, { headers }));
    const { data_base64: kept } = room.held()[0]!.input as { data_base64: string };
    expect(Buffer.from(kept, 'base64').toString()).toBe(form);
  });

  it('finds the id in the body where no header brings it, and else names the body', async () => {
    const signed = { idSigned: true, timeSigned: true };
    const { deliveryId: _, ...message } = room.messageOf(reading({ id: 'evt_1' }), signed);
    const { deliveryId: __, ...nameless } = room.messageOf(reading(), signed);
    await room.run(message, nameless);
    expect(room.events().map(({ event }) => event.id)).toEqual([
      'evt_1',
      expect.stringMatching(/^body-[0-9a-f]{64}$/),
    ]);
  });

  it('reads a large body where it is kept, and puts the reference into the event', async () => {
    const body = Buffer.from(JSON.stringify(reading({ padding: 'x'.repeat(300_000) })));
    const reference = await room.bodies.put('acme', body);
    await room.run(room.messageOf({}, { body: reference }));
    const { event } = room.events()[0]!;
    expect(event).toMatchObject({ dataref: `s3://memory/${reference.key}`, datarefhash: reference.sha256 });
    expect(event.data).toEqual({ value: 1 });
  });

  it('is one delivery however a form’s fields are ordered, where the signature is over the sorted form', async () => {
    const scheme = {
      kind: 'hmac',
      header: 'x-sign',
      algorithm: 'sha1',
      encoding: 'base64',
      template: '{url}{form}',
    } as const;
    room = startNormalise({ scheme });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await room.run(room.messageOf('kind=reading&device=s1&value=1', { headers }));
    await room.run(room.messageOf('value=1&kind=reading&device=s1', { headers, deliveryId: 'd2' }));
    expect(room.held().map(({ code }) => code)).toContain('replayed-body');
  });
});

describe('a batch', () => {
  it('P3: brings back alone what failed: a bad message takes no other down', async () => {
    const good = room.messageOf(reading());
    const unknown = room.messageOf(reading(), { endpoint: `we_${'x'.repeat(32)}` });
    const foreign = room.messageOf(reading(), { tenant: 'other' });
    const { failed, errors, outcomes } = await room.run('no json', good, unknown, foreign, '{}');
    expect([failed, errors.length, outcomes]).toEqual([['m0', 'm2', 'm3', 'm4'], 4, { accepted: 1 }]);
  });

  it('P3: brings back what the log has not acknowledged', async () => {
    room.log.refuse = (_, index) => index === 0;
    const signed = { idSigned: true, timeSigned: true };
    const messages = ['a', 'b'].map((deliveryId) => room.messageOf(reading(), { ...signed, deliveryId }));
    expect((await room.run(...messages)).failed).toEqual(['m0']);
  });

  it.each(['fix', 'claimBody'] as const)(
    'P3: waits while %s does not answer, then brings the message back',
    async (call) => {
      let failures = 2;
      room.deliveries.before = (name) => {
        if (name === call && failures-- > 0) throw Object.assign(new Error('down'), { name: 'TimeoutError' });
      };
      expect((await room.run(room.messageOf(reading()))).failed).toEqual([]);
      room.deliveries.before = () => {
        throw Object.assign(new Error('down'), { name: 'TimeoutError' });
      };
      expect((await room.run(room.messageOf(reading(), { deliveryId: 'd2' }))).failed).toEqual(['m0']);
    },
  );

  it('P2: waits for another invocation that has the delivery in hand, and else leaves it to the queue', async () => {
    const key = `${room.endpoint.endpoint}#d1`;
    room.deliveries.busy.add(key);
    const message = room.messageOf(reading());
    expect((await room.run(message)).failed).toEqual(['m0']);
    expect(room.log.records).toEqual([]);
    let asked = 0;
    room.deliveries.before = (call) => {
      if (call === 'fix' && ++asked === 3) room.deliveries.busy.delete(key);
    };
    expect((await room.run(message)).failed).toEqual([]);
    expect(asked).toBe(3);
  });

  it('P2: asks again where the fingerprints do not answer, so that a cause has one line', async () => {
    room.fingerprints.down = true;
    expect((await room.run(room.messageOf({ kind: 'issues' }))).failed).toEqual(['m0']);
  });

  it('P3: counts what was taken before its endpoint was disabled', async () => {
    room.endpoints.endpoints.set(room.endpoint.endpoint, { ...room.endpoint, status: 'disabled' });
    expect((await room.run(room.messageOf(reading()))).outcomes).toEqual({ accepted: 1 });
  });
});
