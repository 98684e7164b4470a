import fc from 'fast-check';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';

/** Few subjects, hours, users and regions, so that events meet in buckets. */
const value = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.double({ min: -1e9, max: 1e9, noNaN: true }).filter((number) => !Number.isInteger(number)),
  fc.constantFrom(0, 0.1, 0.2, 0.3, -0.1, 1e-9, 5e-10, 1.5e-9, 123456789.98765433, Number.MAX_SAFE_INTEGER),
);

const time = fc
  .record({
    hour: fc.constantFrom('07', '07', '07', '07', '08'),
    second: fc.integer({ min: 0, max: 3 }),
    fraction: fc.constantFrom('', '.5', '.05', '.500', '.123456789', '.000'),
  })
  .map(({ hour, second, fraction }) => `2026-11-21T${hour}:00:0${second}${fraction}Z`);

/** An event of `test.every`; its id is given by whoever makes a set of them. */
export const anEvent = fc
  .record({
    // One subject gets most, so that its buckets seal pages.
    subject: fc.oneof({ weight: 8, arbitrary: fc.constant('alice') }, fc.constantFrom('bob', 'c#d|%e')),
    source: fc.constantFrom('/meters/1', '/meters/2'),
    time,
    data: fc.record({
      value,
      region: fc.constantFrom('eu', 'us', 'a|b#c'),
      user: fc.constantFrom('u1', 'u2', 'u3', 'ü'),
    }),
  })
  .map((event) => ({ specversion: '1.0' as const, id: '', type: 'test.every', ...event }));

/** A set of events, each with an identity of its own. */
export function eventSet(maxLength: number): fc.Arbitrary<CloudEvent[]> {
  return fc
    .array(anEvent, { minLength: 1, maxLength, size: 'max' })
    .map((events) => events.map((event, index) => ({ ...event, id: `event-${index}` })));
}

/** The set with some events given again, in any order, cut into batches: what an at-least-once log may deliver. */
export function deliveries(events: readonly CloudEvent[]): fc.Arbitrary<CloudEvent[][]> {
  return fc
    .array(fc.nat(events.length - 1), { maxLength: events.length })
    .chain((again) => {
      const all = [...events, ...again.map((index) => events[index]!)];
      return fc.tuple(
        fc.shuffledSubarray(all, { minLength: all.length }),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: all.length, maxLength: all.length }),
      );
    })
    .map(([shuffled, sizes]) => {
      const batches: CloudEvent[][] = [];
      for (let at = 0, batch = 0; at < shuffled.length; batch++) {
        batches.push(shuffled.slice(at, at + sizes[batch]!));
        at += sizes[batch]!;
      }
      return batches;
    });
}
