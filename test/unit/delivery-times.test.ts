import { beforeEach, describe, expect, it } from 'vitest';
import { DeliveryTimes, windowEnd } from '../../lambdas/project/delivery-times.ts';
import { testContracts } from '../support/contracts.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
let times: DeliveryTimes;
beforeEach(() => {
  times = new DeliveryTimes();
});

describe('times from receipt to state', () => {
  it('are of each record the time of its last event', () => {
    times.add(0, NOW - 400, undefined, NOW);
    times.add(0, NOW - 400, undefined, NOW + 300);
    times.add(1, NOW - 100, undefined, NOW);
    expect(times.result().endToEnd).toEqual([700, 100]);
  });

  it('are at most 99 of a batch, evenly over its records, in whatever order its buckets were counted', () => {
    const records = Array.from({ length: 10_000 }, (_, index) => index).reverse();
    for (const record of records) times.add(record, NOW - record, undefined, NOW);
    const { endToEnd } = times.result();
    expect(endToEnd).toHaveLength(99);
    const gaps = endToEnd.slice(1).map((time, index) => time - endToEnd[index]!);
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
    expect(endToEnd[98]).toBeGreaterThan(9_800);
  });

  it('are all of a small batch, and none of an empty one', () => {
    expect(times.result()).toEqual({ deliveredLate: 0, lateEvents: 0, endToEnd: [] });
    for (let record = 0; record < 99; record++) times.add(record, NOW, undefined, NOW);
    expect(times.result().endToEnd).toHaveLength(99);
  });

  it('are never below zero, whatever the clocks of two instances say', () => {
    times.add(0, NOW + 5, undefined, NOW);
    expect(times.result().endToEnd).toEqual([0]);
  });

  it('count each event as late from 60 s on, not after exactly 60 s', () => {
    times.add(0, NOW - 60_000, undefined, NOW);
    for (let event = 0; event < 3; event++) times.add(1, NOW - 60_001, undefined, NOW);
    expect(times.result().deliveredLate).toBe(3);
  });
});

describe('an event is late', () => {
  it('when it was received at or after the end of its window, however late it was counted', () => {
    times.add(0, NOW - 1, NOW, NOW + 3_600_000);
    times.add(0, NOW, NOW, NOW);
    times.add(1, NOW + 1, NOW, NOW + 1);
    expect(times.result().lateEvents).toBe(2);
  });

  it('by the window of its contract', () => {
    const key = { tenant: 't', subject: 's', type: 'test.sum', window: '2026-11-21T11' };
    expect(windowEnd(testContracts, key)).toBe(NOW);
    expect(windowEnd(testContracts, { ...key, type: 'of.nobody' })).toBeUndefined();
  });
});
