import '../support/quiet.ts';
import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import type { EventsEnvelope, QuarantineDraft } from '../../lambdas/domain/envelope.ts';
import { readArchivedLine } from '../../lambdas/domain/recovery/archived-record.ts';
import { redriveEvent } from '../../lambdas/domain/recovery/redrive-event.ts';
import type { RedriveRequest } from '../../lambdas/domain/recovery/request.ts';
import { RunCancelledError, RunRefusedError } from '../../lambdas/domain/recovery/run.ts';
import { inputOf } from '../../lambdas/domain/webhooks/hold-delivery.ts';
import { readMessage } from '../../lambdas/domain/webhooks/queued.ts';
import { LogRefusedError } from '../../lambdas/resend/send-paced.ts';
import { SHARD, TENANT } from '../support/records.ts';
import { loopContracts, RecoveryLoop, replayOf, START } from '../support/recovery-loop.ts';

const event = (id: string, more: Partial<CloudEvent> = {}): CloudEvent => ({
  ...{ specversion: '1.0', id, source: '/meters/1', type: 'test.reading', subject: 'alice' },
  ...{ time: '2026-11-21T08:30:00Z', data: { value: 1 } },
  ...more,
});
const some = (count: number, more?: Partial<CloudEvent>) =>
  Array.from({ length: count }, (_, index) => event(`e${index}`, more));

async function archived(events: readonly CloudEvent[], together = false): Promise<RecoveryLoop> {
  const loop = new RecoveryLoop();
  await loop.live(events, together);
  await loop.drain();
  return loop;
}

const eventsOf = (envelopes: readonly unknown[]) =>
  (envelopes as Partial<EventsEnvelope>[]).flatMap(({ events = [] }) =>
    events.map(({ event: { id } }) => id),
  );

describe('P8 a replay', () => {
  it('keeps whose, when, receipt, trace and exact numbers, and says what it is and where each stood', async () => {
    const loop = new RecoveryLoop();
    const exact =
      '{"specversion":"1.0","id":"e","source":"/m","type":"test.reading","subject":"s","time":"2026-11-21T08:30:00Z","data":{"value":1e2,"note":12345678901234567890.10}}';
    const draft = {
      ...{
        tenant: TENANT,
        producer: 'meter',
        at: '2026-11-21T08:59:00.000Z',
        receipt: 'r-9',
        trace: '00-a-b-01',
      },
      events: [event('first'), JSON.parse('{}')].map((each, index) => ({ schema: index + 1, event: each })),
    };
    await loop.world.log.publish([{ draft: draft as never, partitionKey: 'p' }], 0);
    // As ingest writes it, with the number's text.
    const [record] = loop.world.log.records.splice(0);
    loop.world.log.records.push({ ...record!, text: record!.text.replace('"event":{}', `"event":${exact}`) });
    await loop.archive();
    await loop.run(replayOf());
    const { text, partitionKey } = loop.world.log.records.filter((each) =>
      each.text.includes('"replay"'),
    )[1]!;
    expect(text).toContain(`"event":${exact}`);
    expect(partitionKey).toMatch(/^[0-9a-f]{32}$/);
    const [again] = loop.sentSince(1) as EventsEnvelope[];
    const { v, iid, n, acked, build, events, ...base } = again!;
    const { events: _, ...sent } = draft;
    expect(base).toEqual({ ...sent, replay: 'r1' });
    const origin = `${SHARD}:${10n ** 55n}`;
    expect(JSON.parse(text).events[0]).toMatchObject({ schema: 2, origin: `${origin}:1` });
    expect(events[0]).toMatchObject({ schema: 1, origin: `${origin}:0` });
  });

  it('never takes replays, quarantine or marks, and says how many replays it passed over', async () => {
    const loop = await archived([...some(4), event('bad', { type: 'nobody.knows' })]);
    await loop.mark();
    await loop.drain();
    expect(loop.sentSince(0).filter((each) => 'quarantine' in each)).toHaveLength(1);
    await loop.run(replayOf());
    const length = loop.world.log.records.length;
    await loop.drain();
    const again = await loop.run(replayOf({ requestId: 'r2' }));
    expect(again.counts).toMatchObject({ sent: 5, skippedReplays: 5 });
    expect(eventsOf(loop.sentSince(length)).sort()).toEqual(['bad', 'e0', 'e1', 'e2', 'e3']);
  });

  it.each([
    ['a tenant', { tenant: 'nobody' }, []],
    ['a subject', { tenant: TENANT, subject: 'bob' }, ['b']],
    ['types', { types: ['test.strict'] }, ['c']],
    ['ids', { ids: ['a', 'c', 'x'] }, ['a', 'c']],
    ['arrival, from', { from: new Date(START + 1).toISOString() }, ['c']],
    ['arrival, to, which is not in it', { to: new Date(START + 1000).toISOString() }, ['a', 'b']],
    ['a shard', { shard: { shardId: 'shardId-000000000007' } }, []],
    [
      'a part of a shard, both ends in it',
      { shard: { shardId: SHARD, first: String(10n ** 55n + 1n), last: String(10n ** 55n + 2n) } },
      ['b', 'c'],
    ],
  ])('takes those of %s', async (_, more, expected) => {
    const loop = new RecoveryLoop();
    await loop.live([event('a')]);
    await loop.live([event('b', { subject: 'bob' })]);
    loop.now += 1000;
    await loop.live([event('c', { type: 'test.strict' })]);
    await loop.archive();
    await loop.run(replayOf(more));
    expect(eventsOf(loop.sentSince(3))).toEqual(expected);
  });

  it('tries again what the log does not take, and fails after some tries, having noted what it took', async () => {
    const loop = await archived(some(300));
    let refusals = 3;
    loop.world.log.refuse = (draft) => 'events' in draft && refusals-- > 0;
    const batch = await loop.begin(replayOf());
    expect(await loop.resend(batch)).toMatchObject({ done: true });
    expect(loop.result('r1').counts).toMatchObject({ selected: 300, sent: 300 });

    const other = await archived(some(300));
    let taken = 0;
    other.world.log.refuse = (draft) => 'events' in draft && ++taken > 200;
    const next = await other.begin(replayOf());
    await expect(other.resend(next)).rejects.toThrow(LogRefusedError);
    other.world.log.refuse = () => false;
    const length = other.world.log.records.length;
    await other.resend(next);
    expect(eventsOf(other.sentSince(length))).toHaveLength(100);
    expect(other.result('r1').counts).toMatchObject({ selected: 300, sent: 300 });
  });

  it('begins after what was acknowledged when it had no time for all, also in the midst of a record', async () => {
    const loop = await archived(some(1_000), true);
    const result = await loop.run(replayOf({ rate: 50 }), undefined, 4_500);
    expect(result.counts).toMatchObject({ selected: 1_000, sent: 1_000 });
    expect(eventsOf(loop.sentSince(1))).toEqual(some(1_000).map(({ id }) => id));
  });

  it('is one that was cancelled: it stops within seconds, and sends nothing more', async () => {
    const loop = await archived(some(500));
    const batch = await loop.begin(replayOf({ rate: 10 }));
    loop.meanwhile = async () => {
      await loop.drain();
      if (loop.now > START + 10_000) await loop.runs.update('r1', 1, { status: 'cancelled' });
    };
    await expect(loop.resend(batch)).rejects.toThrow(RunCancelledError);
    expect(loop.now).toBeLessThan(START + 15_000);
    const length = loop.world.log.records.length;
    await expect(loop.resend(batch)).rejects.toThrow(RunCancelledError);
    expect(loop.world.log.records).toHaveLength(length);
  });

  it('is done once: what is finished is not sent again', async () => {
    const loop = await archived(some(5));
    const batch = await loop.begin(replayOf());
    await loop.resend(batch);
    const length = loop.world.log.records.length;
    expect(await loop.resend(batch)).toEqual({ done: true, cursor: 'end' });
    expect(loop.world.log.records).toHaveLength(length);
  });

  it.each([
    ['lost', (loop: RecoveryLoop, key: string) => loop.objects.delete(key)],
    ['changed', (loop: RecoveryLoop, key: string) => loop.objects.set(key, Buffer.from('other'))],
  ])('goes on where an object is %s, and says so', async (what, damage) => {
    const loop = await archived(some(2));
    await loop.live([event('later')]);
    await loop.drain();
    damage(loop, loop.manifest.entries[0]!.key);
    const { counts, findings } = await loop.run(replayOf());
    expect(counts).toMatchObject({ sent: 1, objectsDamaged: 1 });
    expect(findings).toMatchObject([{ kind: `object-${what}` }]);
  });

  it('refuses files that are not its own', async () => {
    const loop = await archived(some(1));
    const batch = await loop.begin(replayOf());
    const other = batch.replace('runs/r1', 'runs/r2');
    const input = { requestId: 'r1', attempt: 1, batch: other };
    const { resendBatch } = await import('../../lambdas/resend/resend-batch.ts');
    await expect(resendBatch(input, loop.resendPorts(), START)).rejects.toThrow(RunRefusedError);
  });
});

describe('isolation: a replay', () => {
  it('stops while the projector lags, and goes on when it has caught up', async () => {
    const loop = await archived(some(2_000));
    let stalled = false;
    const sent: [now: number, events: number][] = [];
    loop.meanwhile = async () => {
      // The projector stands still for two minutes.
      stalled = loop.now > START + 5_000 && loop.now < START + 125_000;
      await loop.archive();
      if (!stalled) await loop.drain();
      sent.push([loop.now, eventsOf(loop.sentSince(2_000)).length]);
    };
    const { counts } = await loop.run(replayOf({ rate: 40, maxLagSeconds: 10 }));
    const during = sent.filter(([now]) => now > START + 20_000 && now < START + 125_000).map(([, n]) => n);
    expect(new Set(during).size).toBe(1);
    expect(counts.sent).toBe(2_000);
    expect(counts.lagSeconds).toBeGreaterThan(100);
    expect(counts.lagSeconds).toBeLessThan(140);
  });

  it('sends nothing as long as nobody knows how far the projector is', async () => {
    const loop = await archived(some(10));
    loop.meanwhile = () => loop.archive();
    const batch = await loop.begin(replayOf());
    expect(await loop.resend(batch, 60_000)).toMatchObject({ done: false });
    expect(eventsOf(loop.sentSince(10))).toEqual([]);
  });

  it('keeps to its rate, which its workers share', async () => {
    const loop = await archived(some(400));
    const batch = await loop.begin(replayOf({ rate: 80 }));
    for (let number = 1; number < 8; number++)
      await loop.files.put('r1', `batches/0000000${number}.json`, Buffer.from('{}'));
    await loop.resend(batch, 840_000, loop.resendPorts({ concurrency: 4 }));
    const seconds = (loop.now - START) / 1000;
    expect(seconds).toBeGreaterThan(400 / 20 - 1);
    expect(seconds).toBeLessThan(400 / 20 + 10);
  });
});

describe('missing events', () => {
  it('are sent by their places, quarantine and replays too', async () => {
    const loop = await archived([...some(3), event('bad', { type: 'nobody.knows' })]);
    await loop.run(replayOf());
    await loop.drain();
    const entries = loop.manifest.entries;
    const at = (index: number) => String(10n ** 55n + BigInt(index));
    const objectOf = (index: number) => {
      const { key, shardId, first } = entries.find(
        (entry) => BigInt(entry.first) <= BigInt(at(index)) && BigInt(at(index)) <= BigInt(entry.last),
      )!;
      return { key, shardId, first };
    };
    const envelopes = loop.world.log.envelopes();
    const quarantined = envelopes.findIndex((each) => 'quarantine' in each);
    const replayed = envelopes.findIndex((each) => 'replay' in each && 'events' in each);
    const places = [1, quarantined, replayed];
    const length = envelopes.length;
    const { counts } = await loop.run(replayOf({ requestId: 'r2', verb: 'reconcile' as never }), {
      objects: places.map((place) => ({
        ...objectOf(place),
        places: [
          [at(place), 0],
          [at(place), 9],
        ],
      })),
    });
    expect(counts).toMatchObject({ sent: 2, sentQuarantine: 1, notThere: 3 });
    const sent = loop.sentSince(length);
    expect(sent.every((each) => 'replay' in each && each.replay === 'r2')).toBe(true);
    const first = (envelopes[replayed] as EventsEnvelope).events[0]!.origin;
    expect((sent[2] as EventsEnvelope).events[0]!.origin).toBe(first);
  });
});

describe('a redrive', () => {
  const redrive = (more: object = {}) =>
    ({
      ...{ verb: 'redrive', requestId: 'r1', operator: 'ops', reason: 'a test', dryRun: false },
      ...{ rate: 100, maxLagSeconds: 30, tenant: TENANT, fingerprint: 'f1' },
      ...more,
    }) as RedriveRequest;
  const held = (input: unknown, more: Partial<QuarantineDraft['quarantine']> = {}): QuarantineDraft => ({
    ...{ tenant: TENANT, producer: 'meter', at: '2026-11-21T08:59:00.000Z', receipt: 'r-1' },
    quarantine: {
      ...{ code: 'contract-violation', fingerprint: 'f1', detail: 'no', origin: `r-1/${++origins}` },
      ...more,
      input,
    },
  });
  let origins = 0;
  async function quarantined(...drafts: QuarantineDraft[]): Promise<RecoveryLoop> {
    const loop = new RecoveryLoop();
    await loop.world.log.publish(
      drafts.map((draft) => ({ draft, partitionKey: 'p' })),
      0,
    );
    await loop.drain();
    return loop;
  }

  it('sends what is right now as its own tenant’s, with its time, receipt and origin, marked as a replay', async () => {
    const draft = held(event('a'));
    const loop = await quarantined(draft, held(event('b'), { fingerprint: 'f2' }), {
      ...held(event('c')),
      tenant: 'other',
    });
    const { counts, findings } = await loop.run(redrive());
    expect([counts, findings]).toMatchObject([{ selected: 1, sent: 1 }, []]);
    const [sent] = loop.sentSince(3) as EventsEnvelope[];
    const { quarantine, ...base } = draft;
    expect(sent).toMatchObject({ ...base, replay: 'r1' });
    expect(sent!.events).toEqual([{ schema: 1, event: event('a'), origin: quarantine.origin }]);
  });

  it('mends by a patch, judges what comes of it, and says of each that stays held why', async () => {
    const wrong = (id: string, data: unknown) => held(event(id, { data }));
    const loop = await quarantined(
      wrong('a', { amount: 12.5 }),
      wrong('b', { amount: 'many' }),
      wrong('c', { other: 1 }),
    );
    const patch = [{ op: 'move', from: '/data/amount', path: '/data/value' }];
    const { counts, findings } = await loop.run(redrive({ patch }));
    expect(counts).toMatchObject({ selected: 3, sent: 1, stillRefused: 1, notFixed: 1 });
    expect(findings.map(({ kind }: { kind: string }) => kind)).toEqual(['still-refused', 'patch-failed']);
    const sent = loop.sentSince(3) as EventsEnvelope[];
    expect(sent.flatMap(({ events }) => events.map((each) => each.event.data))).toEqual([{ value: 12.5 }]);
  });

  it('judges by the time of arrival, not by now', async () => {
    const loop = await quarantined(held(event('a', { time: '2026-11-21T09:03:00Z' })));
    loop.now += 365 * 86_400_000;
    expect((await loop.run(redrive())).counts).toMatchObject({ sent: 1 });
  });

  it('sends of each origin one, however often it has to begin again', async () => {
    const each = [held(event('a')), held(event('b')), held(event('c'))];
    const loop = new RecoveryLoop();
    // The same three, as they are there after others have sent them again: in the midst of an object, and in the next one.
    for (const drafts of [[...each, ...each], each]) {
      await loop.world.log.publish(
        drafts.map((draft) => ({ draft, partitionKey: 'p' })),
        0,
      );
      await loop.archive();
    }
    const batch = await loop.begin(redrive({ rate: 1 }));
    let invocations = 0;
    while (!(await loop.resend(batch, 1_500)).done) invocations++;
    expect(invocations).toBeGreaterThan(1);
    expect(loop.result('r1').counts).toMatchObject({ selected: 3, sent: 3, repeated: 6 });
    expect(eventsOf(loop.sentSince(9))).toEqual(['a', 'b', 'c']);
  });

  it('counts what was redriven twice once, and a second refusal once', async () => {
    const late = event('a', { type: 'test.other' });
    const loop = await quarantined(held(event('a')), held(late));
    for (const requestId of ['r1', 'r2', 'r3']) {
      await loop.run(redrive({ requestId }));
      await loop.drain();
    }
    const tables = [...loop.world.table.versions.keys()].filter((name) => name.includes('B#test.reading'));
    expect(loop.world.table.read(tables[0]!)!.n).toEqual({ N: '1' });
  });

  it('sends webhooks that became no event back to their queue, as they came', async () => {
    const message = {
      ...{ v: 1 as const, endpoint: `we_${'a'.repeat(32)}`, tenant: TENANT, name: 'shop', receipt: 'r-7' },
      ...{ trace: '00-1-2-01', receivedAt: '2026-11-21T08:00:00.000Z', deliveryId: 'd1' },
      ...{ idSigned: false, timeSigned: true, headers: { 'x-topic': 'orders/create' } },
      body: Buffer.from('{"a":1}').toString('base64'),
    };
    const large = {
      ...message,
      body: { bucket: 'b', key: 'webhooks/acme/ff', sha256: 'ff', bytes: 300_000 },
    };
    const webhook = (input: unknown) => ({
      ...held(input, { code: 'mapping-failed' }),
      ...{ producer: 'webhook:shop', receipt: 'r-7', trace: '00-1-2-01' },
    });
    const cut = { ...inputOf(message), headers: undefined };
    const loop = await quarantined(webhook(inputOf(message)), webhook(inputOf(large)), webhook(cut));
    loop.redriven.samples.set(`${TENANT} f1`, null);
    const { counts, findings } = await loop.run(redrive());
    expect(counts).toMatchObject({ selected: 3, toQueue: 2, notRebuilt: 1 });
    expect(findings).toMatchObject([{ kind: 'not-redrivable' }]);
    expect(loop.queue.messages[0]).toEqual(message);
    expect(loop.queue.messages[1]).toEqual({ ...large, body: { ...large.body, bytes: 0 } });
    for (const sent of loop.queue.messages) expect(readMessage(JSON.stringify(sent))).toEqual(sent);
    expect(loop.redriven.samples.get(`${TENANT} f1`)).toMatchObject({ requestId: 'r1', events: 2 });

    const patched = await loop.run(redrive({ requestId: 'r2', patch: [{ op: 'remove', path: '/headers' }] }));
    expect(patched.counts).toMatchObject({ notFixed: 3 });
    expect(loop.queue.messages).toHaveLength(2);
  });

  it('says so where only a part is held', async () => {
    const loop = await quarantined(held('eyJhIjo'), held(null));
    expect((await loop.run(redrive())).counts).toMatchObject({ notRebuilt: 2 });
  });

  it('quotes nothing of a payload where a patch fails', () => {
    const envelope = {
      v: 1,
      iid: 'i',
      n: 1,
      acked: [],
      build: 'b',
      ...held(event('a', { data: { pin: 's3cret' } })),
    };
    const line = `{"seq":"1","arrived":"2026-11-21T09:00:00.000Z","envelope":${JSON.stringify(envelope)}}`;
    const patch = [{ op: 'test', path: '/data/pin', value: 'x' }] as const;
    const outcome = redriveEvent(readArchivedLine(SHARD, line)!, {
      contracts: loopContracts,
      requestId: 'r',
      patch,
    });
    expect(outcome).toMatchObject({ held: 'notFixed' });
    expect(JSON.stringify(outcome)).not.toContain('s3cret');
  });

  it('of a queue has SQS move it, waits for that, and does it once', async () => {
    const loop = new RecoveryLoop();
    const request = {
      ...redrive({ queue: 'webhooks', rate: 10_000 }),
      tenant: undefined,
      fingerprint: undefined,
    };
    const batch = await loop.begin(request as never);
    loop.mover.looks = 30;
    expect(await loop.resend(batch, 20_000)).toMatchObject({ done: false });
    expect(await loop.resend(batch)).toMatchObject({ done: true });
    expect(loop.mover.started).toEqual([500]);
    expect(loop.result('r1')).toEqual({ counts: { toQueue: 7 }, findings: [] });
  });

  it('says why SQS stopped moving', async () => {
    const loop = new RecoveryLoop();
    loop.mover.failed = 'AccessDenied';
    const { findings } = await loop.run({ ...redrive(), queue: 'webhooks' } as never);
    expect(findings).toMatchObject([
      { kind: 'move-failed', detail: expect.stringContaining('AccessDenied') },
    ]);
  });
});
