import { describe, expect, it } from 'vitest';
import { expectedTotals } from '../../samples/expected-totals.ts';
import { readReadings, readSamples, sampleFiles } from '../../samples/read-samples.ts';
import { planRequests, REQUEST_SIZE } from '../../scripts/start/plan-requests.ts';

const MINUTE = 60_000;
const WEEK = 7 * 24 * 60 * MINUTE;
const NOW = Date.parse('2026-11-21T10:00:00Z');

describe('samples', () => {
  const events = readSamples(NOW);

  it('are all readings of the files', () => {
    expect(events).toHaveLength(17_524);
    expect(new Set(events.map(({ id }) => id)).size).toBe(17_524);
  });

  it.each([NOW, NOW + WEEK / 2, Date.parse('2026-02-28T23:59:59Z'), Date.parse('2031-03-30T01:30:00Z')])(
    'end in the week before %i, never after it',
    (now) => {
      const moved = readSamples(now);
      for (const file of sampleFiles) {
        const last = Math.max(...moved.filter((event) => event.file === file).map(({ ms }) => ms));
        expect(last).toBeLessThanOrEqual(now);
        expect(last).toBeGreaterThan(now - WEEK);
      }
    },
  );

  it('are moved by whole weeks, each file as a whole', () => {
    for (const file of sampleFiles) {
      const readings = readReadings(file.name);
      const moved = events.filter((event) => event.file === file);
      const by = new Set(moved.map((event, index) => event.ms - readings[index]!.ms));
      expect(by.size).toBe(1);
      expect([...by][0]! % WEEK).toBe(0);
    }
  });

  it('are the same events all week, and others the next', () => {
    const ids = (now: number) => new Set(readSamples(now).map(({ id, ms }) => `${id} ${ms}`));
    const start = NOW - (NOW % WEEK);
    const weekly = sampleFiles.map(({ name }) => Math.max(...readReadings(name).map(({ ms }) => ms)) % WEEK);
    const lastMove = Math.max(...weekly) + start;
    const firstMove = Math.min(...weekly) + start + WEEK;
    expect(ids(lastMove)).toEqual(ids(firstMove - 1));
    const next = ids(lastMove + WEEK);
    expect([...ids(lastMove)].filter((id) => next.has(id))).toEqual([]);
  });

  it('carry the number as the file has it', () => {
    const event = events.find(({ id }) => id.startsWith('ec2_network_in_257a54-2-'))!;
    expect(event.json).toContain('"data":{"bytes":251643.0}}');
    expect(JSON.parse(event.json)).toMatchObject({
      specversion: '1.0',
      source: '/samples/ec2_network_in_257a54.csv',
      type: 'network.transfer',
      subject: 'i-257a54',
      time: '2026-11-05T00:04:00Z',
    });
  });

  it('are not changed by being rounded to nine decimals', () => {
    const longest = Math.max(
      ...sampleFiles.flatMap(({ name }) =>
        readReadings(name).map(({ value }) => value.split('.')[1]?.length ?? 0),
      ),
    );
    expect(longest).toBeLessThanOrEqual(9);
  });

  it('add up as a sum in billionths, in integers, does', () => {
    const billionths = (value: string) => {
      const [whole, fraction = ''] = value.split('.');
      return BigInt(whole + fraction.padEnd(9, '0'));
    };
    const sums = new Map(
      sampleFiles.map(({ name, subject }) => [
        subject,
        readReadings(name).reduce((sum, { value }) => sum + billionths(value), 0n),
      ]),
    );
    const totals = expectedTotals().filter(({ meter }) => meter === 'bytes' || meter === 'requests');
    expect(totals).toHaveLength(4);
    for (const { subject, value } of totals) {
      expect(billionths(value)).toBe(sums.get(subject));
    }
    expect(totals.find(({ subject }) => subject === 'elb-8c0756')?.value).toBe('249327');
    expect(totals.find(({ subject }) => subject === 'i-257a54')?.value).toBe('2301505330.1');
  });
});

describe('planRequests', () => {
  const events = Array.from({ length: 17_524 }, (_, index) => index);
  const plan = planRequests(events, 1);

  it('sends every event, and a tenth of them exactly twice', () => {
    const times = new Map<number, number>();
    for (const event of plan.requests.flat()) times.set(event, (times.get(event) ?? 0) + 1);
    expect(times.size).toBe(17_524);
    expect([...times.values()].filter((count) => count === 2)).toHaveLength(1752);
    expect(Math.max(...times.values())).toBe(2);
    expect(plan).toMatchObject({ repeatedEvents: 1752, deliveries: 17_524 + 1752 });
  });

  it('repeats whole requests, and single events elsewhere', () => {
    const texts = plan.requests.map((request) => request.join());
    expect(texts.length - new Set(texts).size).toBe(plan.repeatedRequests);
    expect(plan.repeatedRequests * REQUEST_SIZE).toBeLessThan(plan.repeatedEvents);
  });

  it('puts events and requests out of order', () => {
    expect(plan.requests.some((request) => request.join() !== request.toSorted((a, b) => a - b).join())).toBe(
      true,
    );
    const firsts = plan.requests.map((request) => Math.min(...request));
    expect(firsts).not.toEqual(firsts.toSorted((a, b) => a - b));
  });

  it('is the same for the same seed, and another for another', () => {
    expect(planRequests(events, 1)).toEqual(plan);
    expect(planRequests(events, 2)).not.toEqual(plan);
  });

  it('keeps requests below what one may hold', () => {
    expect(Math.max(...plan.requests.map(({ length }) => length))).toBeLessThanOrEqual(1000);
  });
});
