import '../support/quiet.ts';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import type { EventsEnvelope } from '../../lambdas/domain/envelope.ts';
import type { LogRecord } from '../../lambdas/domain/log-record.ts';
import { sha256Hex } from '../../lambdas/domain/manifest.ts';
import { readPointer, repairsOf } from '../../lambdas/domain/recovery/read-pointer.ts';
import { repairBatch } from '../../lambdas/repair/repair-batch.ts';
import { RangeNotSentError } from '../../lambdas/repair/repair-range.ts';
import { SHARD, TENANT } from '../support/records.ts';
import { pointer, RecoveryLoop, START } from '../support/recovery-loop.ts';

const event = (id: string, more: Partial<CloudEvent> = {}): CloudEvent => ({
  ...{ specversion: '1.0', id, source: '/meters/1', type: 'test.reading', subject: 'alice' },
  ...{ time: '2026-11-21T08:30:00Z', data: { value: 1 } },
  ...more,
});
const some = (count: number) => Array.from({ length: count }, (_, index) => event(`e${index}`));

/** A loop whose projector gave up records 2 to 4 of its eight, and the pointer to them. */
async function givenUp(): Promise<{ loop: RecoveryLoop; body: string; range: LogRecord[] }> {
  const loop = new RecoveryLoop();
  await loop.live(some(8));
  const range = loop.records().slice(2, 5);
  const lost = new Set(range.map(({ sequence }) => sequence));
  loop.gaveUp = ({ sequence }) => lost.has(sequence);
  return { loop, body: pointer(range), range };
}

const counted = (loop: RecoveryLoop) => {
  const name = [...loop.world.table.versions.keys()].find((each) => each.includes('B#test.reading'));
  const n = name && loop.world.table.read(name)?.n;
  return n && 'N' in n ? Number(n.N) : 0;
};
const resent = (loop: RecoveryLoop) =>
  loop.sentSince(8).filter((each) => 'replay' in each) as EventsEnvelope[];

describe('a pointer', () => {
  it('is read as Lambda writes it', async () => {
    const { body, range } = await givenUp();
    expect(readPointer(body)).toEqual({
      shardId: SHARD,
      first: range[0]!.sequence,
      last: range[2]!.sequence,
      condition: 'RetryAttemptsExhausted',
      atMs: START,
    });
  });

  it.each([
    ['no JSON', 'hello'],
    ['null', 'null'],
    ['of another source', '{"DDBStreamBatchInfo":{"shardId":"s"}}'],
    ['without an end', '{"KinesisBatchInfo":{"shardId":"s","startSequenceNumber":"1"}}'],
    [
      'with numbers that are none',
      '{"KinesisBatchInfo":{"shardId":"s","startSequenceNumber":"x","endSequenceNumber":"2"}}',
    ],
    [
      'from its end',
      '{"KinesisBatchInfo":{"shardId":"s","startSequenceNumber":"10","endSequenceNumber":"9"}}',
    ],
    [
      'with a shard that is none',
      '{"KinesisBatchInfo":{"shardId":"a b","startSequenceNumber":"1","endSequenceNumber":"2"}}',
    ],
  ])('that is %s goes to an operator', async (_, body) => {
    const loop = new RecoveryLoop();
    expect(readPointer(body)).toBeUndefined();
    expect(await loop.repair('m1', body)).toMatchObject({ outcome: 'failed' });
    expect(loop.dead.letters).toMatchObject([{ body, messageId: 'm1' }]);
  });
});

describe('P2 repair', () => {
  it('waits for the archive, sends the range again, marked, and is done when it is counted', async () => {
    const { loop, body, range } = await givenUp();
    await loop.project();
    expect(counted(loop)).toBe(5);
    let waits = 0;
    loop.meanwhile = async () => {
      if (++waits < 10) expect(resent(loop)).toEqual([]);
      else await loop.drain();
    };
    expect(await loop.repair('m1', body)).toEqual({ outcome: 'repaired', records: 3 });
    expect(counted(loop)).toBe(8);
    const name = `repair-${SHARD}-${range[0]!.sequence}`;
    expect(resent(loop).map(({ replay }) => replay)).toEqual([name, name, name]);
    expect(resent(loop).map(({ events }) => events[0]!.origin)).toEqual(
      range.map(({ sequence }) => `${SHARD}:${sequence}:0`),
    );
    expect([...loop.audit.entries.values()]).toMatchObject([
      { requestId: name, what: 'repaired', detail: { sent: 3, messageId: 'm1' } },
    ]);
  });

  it('comes again where the archive does not catch up in time, and has sent nothing', async () => {
    const { loop, body } = await givenUp();
    loop.meanwhile = () => loop.project();
    expect(await loop.repair('m1', body)).toEqual({ outcome: 'later', waitsFor: 'archive' });
    expect(resent(loop)).toEqual([]);
    expect(loop.notes.notes.size).toBe(0);
  });

  it('is not sent twice where only the projector was waited for', async () => {
    const { loop, body } = await givenUp();
    await loop.drain();
    loop.meanwhile = () => loop.archive();
    expect(await loop.repair('m1', body)).toEqual({ outcome: 'later', waitsFor: 'projector' });
    expect(await loop.repair('m1', body)).toEqual({ outcome: 'later', waitsFor: 'projector' });
    expect(resent(loop)).toHaveLength(3);
    loop.meanwhile = () => loop.drain();
    expect(await loop.repair('m1', body)).toMatchObject({ outcome: 'repaired' });
    expect(await loop.repair('m1', body)).toMatchObject({ outcome: 'repaired' });
    expect(resent(loop)).toHaveLength(3);
    expect(loop.audit.entries.size).toBe(1);
  });

  it('sends quarantine, replays, and what no envelope is in; no marks', async () => {
    const loop = new RecoveryLoop();
    await loop.live([event('a'), event('bad', { type: 'nobody.knows' })]);
    await loop.drain();
    await loop.mark();
    loop.world.log.records.push({ text: 'no envelope', partitionKey: 'p' });
    const [first] = loop.sentSince(0) as EventsEnvelope[];
    const { v, iid, n, acked, build, ...draft } = { ...first!, replay: 'r1' };
    await loop.world.log.publish([{ draft, partitionKey: 'p' }], 0);
    const all = loop.records();
    await loop.archive();
    const length = all.length;
    expect(await loop.repair('m1', pointer(all))).toMatchObject({ outcome: 'repaired', records: 5 });
    const sent = loop.sentSince(length).slice(0, 5);
    expect(sent.every((each) => 'replay' in each && each.replay?.startsWith('repair-'))).toBe(true);
    // The projector's own quarantine of the unreadable record and the one that repair wrote are one.
    await loop.drain();
    const written = loop
      .sentSince(0)
      .flatMap((each) => ('quarantine' in each && each.tenant === 'weir' ? each.quarantine : []));
    expect(written).toHaveLength(2);
    expect(written[0]).toEqual(written[1]);
    const name = [...loop.world.table.versions.keys()].find((each) => each.startsWith('weir#'));
    expect(loop.world.table.read(name!)!.n).toEqual({ N: '1' });
  });

  it('leaves alone for a while what is given up although it was repaired, and gives it to an operator after three times', async () => {
    const { loop, body } = await givenUp();
    await loop.drain();
    await loop.repair('m1', body);
    for (const [round, pauseMs] of [
      [1, 60_000],
      [2, 300_000],
    ] as const) {
      const again = loop.records().filter(({ data }) => repairsOf(JSON.parse(String(data)).replay) === round);
      expect(again).toHaveLength(3);
      await loop.drain();
      const givenUpAgain = pointer(again, 'RetryAttemptsExhausted', loop.now);
      const before = loop.world.log.records.length;
      expect(await loop.repair(`m${round}-soon`, givenUpAgain)).toEqual({
        outcome: 'later',
        waitsFor: 'pause',
      });
      expect(loop.sentSince(before)).toEqual([]);
      loop.now += pauseMs;
      expect(await loop.repair(`m${round}-then`, givenUpAgain)).toEqual({ outcome: 'repaired', records: 3 });
      expect(loop.dead.letters).toEqual([]);
    }
    await loop.live([event('other')]);
    await loop.drain();
    const last = loop.records().filter(({ data }) => String(data).includes('.3"'));
    const length = loop.world.log.records.length;
    const result = await loop.repair('m4', pointer([...last, loop.records().at(-1)!]));
    expect(result).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('3 records') });
    expect(loop.dead.letters).toMatchObject([{ messageId: 'm4' }]);
    // What came since goes its way.
    const sent = loop.sentSince(length) as EventsEnvelope[];
    expect(sent.flatMap(({ events = [] }) => events.map((each) => each.event.id))).toEqual(['other']);
  });

  it('takes a run whose name only begins like that for what it is', async () => {
    const loop = new RecoveryLoop();
    await loop.live([event('a')]);
    const [first] = loop.sentSince(0) as EventsEnvelope[];
    const { v, iid, n, acked, build, ...draft } = { ...first!, replay: 'repair-2026-11-20' };
    await loop.world.log.publish([{ draft, partitionKey: 'p' }], 0);
    await loop.drain();
    const body = pointer(loop.records().slice(1, 2));
    expect(await loop.repair('m1', body)).toEqual({ outcome: 'repaired', records: 1 });
  });

  it('gives an operator what the archive has lost', async () => {
    const { loop, body } = await givenUp();
    await loop.drain();
    loop.objects.clear();
    expect(await loop.repair('m1', body)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('object-lost'),
    });
    expect(loop.dead.letters).toHaveLength(1);
  });

  it.each([
    ['another member', '"foo":1}'],
    ['a time that is none', `"arrived":"${'x'.repeat(24)}","envelope":{}}`],
  ])('gives an operator what somebody has forged, entry and all: a line with %s', async (_, rest) => {
    const { loop, body } = await givenUp();
    await loop.drain();
    const [entry] = loop.manifest.entries;
    const forged = gzipSync(`{"seq":"${entry!.first}",${rest}\n`);
    loop.objects.set(entry!.key, forged);
    const only = { ...entry!, last: entry!.first, records: 1, sha256: sha256Hex(forged) };
    loop.manifest.entries.splice(0, 1, only);
    const { first } = entry!;
    const message = body.replace(/"startSequenceNumber":"\d+"/, `"startSequenceNumber":"${first}"`);
    expect(await loop.repair('m1', message)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('object-differs'),
    });
  });

  it('is not done by a mark of a clock that is ahead: it waits for its own', async () => {
    const { loop, body } = await givenUp();
    loop.now += 5_000;
    await loop.mark();
    await loop.drain();
    loop.now -= 5_000;
    loop.meanwhile = () => loop.archive();
    expect(await loop.repair('m1', body)).toEqual({ outcome: 'later', waitsFor: 'projector' });
    loop.meanwhile = () => loop.drain();
    expect(await loop.repair('m1', body)).toMatchObject({ outcome: 'repaired' });
    expect(counted(loop)).toBe(8);
  });

  it('by two at the same time is one in the audit', async () => {
    const { loop, body } = await givenUp();
    await loop.drain();
    const finds: (() => void)[] = [];
    // Neither sees the other's note before both have sent.
    const find = async (messageId: string) => {
      if (finds.length < 2)
        await new Promise<void>((both) => finds.push(both) === 2 && finds.map((go) => go()));
      return loop.notes.find(messageId);
    };
    const notes = { find, put: loop.notes.put.bind(loop.notes) };
    const late = async () => {
      loop.now += 5;
      return loop.repair('m1', body, 100_000, loop.repairPorts({ notes }));
    };
    const results = await Promise.all([
      loop.repair('m1', body, 100_000, loop.repairPorts({ notes })),
      late(),
    ]);
    expect(results).toEqual([
      { outcome: 'repaired', records: 3 },
      { outcome: 'repaired', records: 3 },
    ]);
    expect(resent(loop)).toHaveLength(6);
    expect(counted(loop)).toBe(8);
    expect(loop.audit.entries.size).toBe(1);
  });

  it('comes again where the log does not take it, and then sends all of it', async () => {
    const { loop, body } = await givenUp();
    await loop.drain();
    loop.world.log.refuse = (draft) => 'events' in draft && draft.events[0]!.event.id === 'e3';
    await expect(loop.repair('m1', body)).rejects.toThrow(RangeNotSentError);
    loop.world.log.refuse = () => false;
    expect(await loop.repair('m1', body)).toEqual({ outcome: 'repaired', records: 3 });
    expect(counted(loop)).toBe(8);
  });

  it('of a batch takes each by itself', async () => {
    const { loop, body } = await givenUp();
    await loop.drain();
    const messages = [
      { messageId: 'good', body },
      { messageId: 'bad', body: 'x' },
      { messageId: 'broken', body },
    ];
    const find = async (messageId: string) => {
      if (messageId === 'broken') throw new Error('no answer');
      return loop.notes.find(messageId);
    };
    const notes = { find, put: loop.notes.put.bind(loop.notes) };
    const result = await repairBatch(messages, loop.repairPorts({ notes }), START + 100_000);
    expect(result).toMatchObject({ failed: ['broken'], repaired: 1, repairedRecords: 3, repairsFailed: 1 });
    expect(result.errors).toHaveLength(1);
  });

  it('may die at any moment and be taken again: each event is counted once', async () => {
    for (let moment = 1; ; moment++) {
      const { loop, body } = await givenUp();
      await loop.drain();
      let passed = 0;
      const dying = loop.repairPorts();
      const die = () => {
        if (++passed === moment) throw new Error('died');
      };
      const mortal = <T extends object>(port: T): T =>
        new Proxy(port, {
          get(target, name) {
            const value: unknown = Reflect.get(target, name, target);
            if (typeof value !== 'function' || name === 'entries') return value;
            return async (...args: unknown[]) => {
              die();
              const answer: unknown = await value.apply(target, args);
              die();
              return answer;
            };
          },
        });
      const ports = {
        ...dying,
        archive: mortal(dying.archive),
        log: mortal(dying.log),
        notes: mortal(dying.notes),
        audit: mortal(dying.audit),
        passes: mortal(dying.passes),
      };
      const died = await loop.repair('m1', body, 100_000, ports).then(
        () => false,
        () => true,
      );
      expect(await loop.repair('m1', body)).toMatchObject({ outcome: 'repaired' });
      await loop.drain();
      expect(counted(loop)).toBe(8);
      expect(loop.audit.entries.size).toBe(1);
      if (!died) {
        expect(moment).toBeGreaterThan(10);
        break;
      }
    }
  });

  it('keeps P6: what it sends stays its tenant’s', async () => {
    const { loop, body } = await givenUp();
    await loop.drain();
    await loop.repair('m1', body);
    expect(resent(loop).every(({ tenant }) => tenant === TENANT)).toBe(true);
  });
});
