import { describe, expect, it } from 'vitest';
import type { Held } from '../../lambdas/domain/control/control.ts';
import { BATCHED, eventOf, KEY, startIngest } from '../support/ingest.ts';

const heldAs = (how: Held['how']): Held => ({
  ...{ tenant: 'acme', producer: 'agent', how },
  ...{ since: '2026-11-21T07:00:00.000Z', reason: 'an internal reason', by: 'guard' },
});
const bulk = (id: string) => eventOf({ id, type: 'test.bulk' });

describe('an event that is shed', () => {
  it('F5: is a 503 of its own with when to come again, in the middle of those that are taken', async () => {
    const ingest = startIngest();
    ingest.control.set({ level: 'bulk' });
    const answer = await ingest.batch([eventOf(), bulk('b'), eventOf({ type: 'test.critical' })]);
    expect(answer).toMatchObject({ status: 207, headers: { 'retry-after': '18' } });
    expect(answer.json).toMatchObject({ accepted: 2, quarantined: 0, refused: 1 });
    expect(answer.json.results).toEqual([
      {
        ...{ index: 1, id: 'b', status: 503, code: 'shed', retryAfter: 18 },
        detail: expect.stringContaining('send it again later with the same id and time'),
      },
    ]);
    expect(ingest.tallies).toEqual([{ accepted: 2, quarantined: 0, refused: 0, shed: 1, requestsShed: 0 }]);
  });

  it('F9: for its producer being over budget is a 429', async () => {
    const ingest = startIngest();
    ingest.control.set({ held: [heldAs({ kind: 'over-budget', share: 0.6 })] });
    const answer = await ingest.one(eventOf());
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '18' } });
    expect(answer.json.results).toMatchObject([{ status: 429, code: 'over-budget', retryAfter: 18 }]);
    expect(ingest.tallies[0]).toMatchObject({ shed: 1, requestsShed: 0 });
  });

  it('with all others of its request excuses the 503 that this is, unless the log failed too', async () => {
    const ingest = startIngest();
    ingest.control.set({ level: 'bulk' });
    expect((await ingest.batch([bulk('a'), bulk('b')])).status).toBe(503);
    ingest.log.refuse = () => true;
    const both = await ingest.batch([bulk('a'), eventOf()]);
    expect([both.status, both.headers['retry-after']]).toEqual([503, '18']);
    expect(ingest.tallies.map(({ requestsShed }) => requestsShed)).toEqual([1, 0]);
  });

  it('waits for anything between five and thirty seconds, a suspended producer for one minute or two', async () => {
    for (const [fraction, shed, suspended] of [
      [0, '5', '60'],
      [1 - 2 ** -53, '30', '120'],
    ] as const) {
      const ingest = startIngest({ fraction: () => fraction });
      ingest.control.set({ level: 'bulk' });
      expect((await ingest.one(bulk('a'))).headers['retry-after']).toBe(shed);
      ingest.control.set({ held: [heldAs({ kind: 'suspended' })] });
      ingest.clock.ms += 5_000;
      expect((await ingest.one(bulk('a'))).headers['retry-after']).toBe(suspended);
    }
  });
});

describe('a suspended producer', () => {
  it('is refused before its body is read, and is not told the reason', async () => {
    const ingest = startIngest();
    ingest.control.set({ held: [heldAs({ kind: 'suspended' })] });
    const answer = await ingest.send(BATCHED, 'no JSON', { 'content-encoding': 'gzip' });
    expect(answer).toMatchObject({ status: 429, json: { code: 'suspended' } });
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.text).not.toContain('internal');
  });

  it('that is over budget too is suspended, whichever stands first', async () => {
    const both = [heldAs({ kind: 'suspended' }), heldAs({ kind: 'over-budget', share: 1 })];
    for (const held of [both, both.toReversed()]) {
      const ingest = startIngest();
      ingest.control.set({ held });
      expect((await ingest.one(eventOf())).json.code).toBe('suspended');
    }
  });

  it('P6: is found by tenant and producer, whatever characters they are made of', async () => {
    const ingest = startIngest();
    ingest.credentials.put(KEY, { tenant: 'a', producer: 'b#c' });
    ingest.control.set({ held: [{ ...heldAs({ kind: 'suspended' }), tenant: 'a#b', producer: 'c' }] });
    expect((await ingest.one(eventOf())).status).toBe(202);
  });
});

describe('what is in force', () => {
  it('is read while the credential is looked up, not after it', async () => {
    const ingest = startIngest();
    const asked: number[] = [];
    const find = ingest.credentials.find.bind(ingest.credentials);
    ingest.credentials.find = async (keyHash) => {
      asked.push(ingest.control.asked);
      return find(keyHash);
    };
    await ingest.one(eventOf());
    expect(asked).toEqual([1]);
  });

  it('fails open: where it was never read nothing is shed, and where it was the last known stays', async () => {
    const ingest = startIngest();
    ingest.control.set({ level: 'standard' });
    ingest.control.down = true;
    expect((await ingest.one(eventOf())).status).toBe(202);
    ingest.control.down = false;
    ingest.clock.ms += 5_000;
    expect((await ingest.one(eventOf())).status).toBe(503);
    ingest.control.down = true;
    ingest.clock.ms += 5_000;
    expect((await ingest.one(eventOf())).status).toBe(503);
    expect(ingest.failures).toHaveLength(2);
  });
});
