import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { contractOf, countableEvent } from '../../lambdas/domain/count-events.ts';
import { PROBE_CONTRACT, probeBucket, probeEvent } from '../../lambdas/domain/probe.ts';
import { describeProbeKeysContract } from '../contract/probe-keys.ts';
import { testContracts } from '../support/contracts.ts';
import { eventOf, NOW, startIngest } from '../support/ingest.ts';
import { keyOf } from '../support/memory-credentials.ts';
import { MemoryProbeKeys } from '../support/memory-probe-keys.ts';

describeProbeKeysContract('in memory', () => new MemoryProbeKeys());

const PROBE_KEY = `wp_${'p'.repeat(43)}`;
const OTHER = keyOf('o');
const asProbe = { headers: { 'x-api-key': PROBE_KEY, 'content-type': 'application/cloudevents+json' } };
const asOther = { headers: { 'x-api-key': OTHER, 'content-type': 'application/cloudevents+json' } };

async function withProbe(expiresMs = NOW + 3_600_000) {
  const ingest = startIngest();
  await ingest.probe.put(hash('sha256', PROBE_KEY), expiresMs);
  return ingest;
}

describe("Weir's own types", () => {
  it('take the event of the probe', async () => {
    const ingest = await withProbe();
    const { status, json } = await ingest.call({ ...asProbe, body: JSON.stringify(probeEvent(NOW)) });
    expect([status, json.accepted]).toEqual([202, 1]);
  });

  it('are taken also while all is shed that may be (F5)', async () => {
    const ingest = await withProbe();
    ingest.control.set({ level: 'standard' });
    const { status } = await ingest.call({ ...asProbe, body: JSON.stringify(probeEvent(NOW)) });
    expect(status).toBe(202);
  });

  it.each(['weir.probe', 'weir.quarantine', 'weir.other'])(
    'refuse %s from a producer that is granted everything (P6)',
    async (type) => {
      const ingest = await withProbe();
      // Also one that somebody has written into the table under the probe's name.
      for (const credential of [
        { types: ['*'] },
        { tenant: 'weir', producer: 'probe', types: ['*', 'weir.*', 'weir.probe', 'weir.quarantine'] },
      ]) {
        ingest.credentials.put(OTHER, credential);
        const { status, json } = await ingest.call({
          ...asOther,
          body: JSON.stringify({ ...probeEvent(NOW), type }),
        });
        expect([status, json.results[0]?.code]).toEqual([403, 'type-not-granted']);
        ingest.clock.ms += 120_000;
      }
    },
  );

  it.each([
    ['quarantine of its own making', 'weir.quarantine', 422, 'unknown-type'],
    ["another tenant's events", 'test.reading', 403, 'type-not-granted'],
  ])('let the probe not send %s', async (_, type, expected, code) => {
    const ingest = await withProbe();
    const { status, json } = await ingest.call({ ...asProbe, body: JSON.stringify(eventOf({ type })) });
    expect([status, json.results[0]?.code]).toEqual([expected, code]);
  });

  it('take no data with it', async () => {
    const ingest = await withProbe();
    const { status } = await ingest.call({
      ...asProbe,
      body: JSON.stringify({ ...probeEvent(NOW), data: { much: 1 } }),
    });
    expect(status).toBe(422);
  });

  it('refuse a key whose probe has not been heard of for an hour', async () => {
    const ingest = await withProbe(NOW);
    const { status } = await ingest.call({ ...asProbe, body: JSON.stringify(probeEvent(NOW)) });
    expect(status).toBe(401);
  });

  it("never take a key of the probe's from the producers' credentials", async () => {
    const ingest = startIngest();
    ingest.credentials.put(PROBE_KEY, { types: ['*'] });
    const { status } = await ingest.call({ ...asProbe, body: JSON.stringify(eventOf()) });
    expect(status).toBe(401);
    expect(ingest.credentials.asked).toBe(0);
  });
});

describe('the event of a minute', () => {
  it('is the same however often it is made, so that a second send counts once (F2)', () => {
    expect(probeEvent(NOW + 59_999)).toEqual(probeEvent(NOW));
    expect(probeEvent(NOW + 60_000)).not.toEqual(probeEvent(NOW));
  });

  it('has subject and hour for itself', () => {
    const day = Array.from({ length: 1440 }, (_, minute) => probeBucket(NOW + minute * 60_000));
    expect(new Set(day.map(({ subject, from }) => `${subject} ${from}`)).size).toBe(1440);
  });

  it('is counted where the probe looks for it', () => {
    const event = probeEvent(NOW);
    const countable = countableEvent(testContracts, 'weir', event);
    expect(countable).toMatchObject({
      key: { tenant: 'weir', type: 'weir.probe', subject: probeBucket(NOW).subject, window: '2026-11-21T07' },
    });
    expect(contractOf(testContracts, event.type)).toBe(PROBE_CONTRACT);
  });
});
