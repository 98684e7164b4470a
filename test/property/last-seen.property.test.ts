import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allowedGap,
  isSilent,
  MINUTES_A_DAY,
  type Minute,
  minuteName,
  minuteOf,
  passOver,
  type Seen,
  see,
} from '../../lambdas/domain/watch/last-seen.ts';
import {
  advanceSlot,
  decodeSlot,
  encodeSlot,
  type Sightings,
  SLOTS,
  silentOf,
  skipTo,
  slotOf,
} from '../../lambdas/domain/watch/seen-slots.ts';

const WEEK = 7 * MINUTES_A_DAY;
const START = minuteOf(Date.parse('2026-11-02T00:00:00Z'));
const names = { tenant: 'acme', producer: 'agent' };

/** Minutes of a week in which somebody sends: single ones, or stretches of every so many minutes. */
const pattern = fc
  .array(
    fc.record({
      from: fc.integer({ min: 0, max: WEEK - 1 }),
      length: fc.integer({ min: 1, max: 3 * MINUTES_A_DAY }),
      every: fc.integer({ min: 1, max: 600 }),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((stretches) => {
    const minutes = new Set<number>();
    for (const { from, length, every } of stretches)
      for (let at = 0; at < length; at += every) minutes.add((from + at) % WEEK);
    return [...minutes].sort((a, b) => a - b);
  });

/** All minutes in which a pattern sends, from a moment on. */
function sends(minutesOfWeek: readonly number[], from: Minute, weeks: number): readonly Minute[] {
  const base = Math.floor(from / WEEK) * WEEK;
  return Array.from({ length: weeks + 1 }, (_, week) => week)
    .flatMap((week) => minutesOfWeek.map((minute) => base + week * WEEK + minute))
    .filter((minute) => minute >= from);
}

/** The longest time that a pattern is quiet for. */
function longest(minutesOfWeek: readonly number[]): number {
  const next = [...minutesOfWeek.slice(1), minutesOfWeek[0]! + WEEK];
  return Math.max(...minutesOfWeek.map((minute, at) => next[at]! - minute));
}

const learn = (minutes: readonly Minute[]): Seen =>
  minutes.reduce<Seen | undefined>((seen, minute) => see(seen, names, minute), undefined)!;

describe('a producer that keeps to a pattern which repeats within a week (F4)', () => {
  it('is never called silent, from its first event on', () => {
    fc.assert(
      fc.property(pattern, fc.integer({ min: 0, max: 3 * WEEK }), (minutesOfWeek, offset) => {
        let seen: Seen | undefined;
        for (const minute of sends(minutesOfWeek, START + offset, 5)) {
          // The longest that it has been quiet is right before it sends again.
          if (seen) expect(isSilent(seen, minute)).toBe(false);
          seen = see(seen, names, minute);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is called silent when it stops: after half as much again as it is ever quiet for, and ten minutes', () => {
    fc.assert(
      fc.property(pattern, fc.integer({ min: 0, max: 3 * WEEK }), (minutesOfWeek, offset) => {
        const seen = learn(sends(minutesOfWeek, START + offset, 4));
        const allowed = Math.ceil(1.5 * longest(minutesOfWeek)) + 10;
        expect(allowedGap(seen)).toBeLessThanOrEqual(allowed);
        expect(isSilent(seen, seen.last + allowed + 1)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('is called silent after a week and ten minutes where it is known for less than eight days', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 7 }), (every, days) => {
        const minutes = Array.from(
          { length: Math.floor((days * MINUTES_A_DAY) / every) + 2 },
          (_, index) => START + index * every,
        );
        const seen = learn(minutes);
        expect(isSilent(seen, seen.last + WEEK + 10)).toBe(false);
        expect(isSilent(seen, seen.last + WEEK + 11)).toBe(true);
      }),
    );
  });
});

describe('last seen', () => {
  it('calls nobody silent who sent for less than a day, and forgets after two weeks', () => {
    const tried = learn([START, START + 5, START + 900]);
    const steady = learn(Array.from({ length: 12 * 24 }, (_, hour) => START + hour * 60));
    expect(isSilent(tried, tried.last + 13 * MINUTES_A_DAY)).toBe(false);
    expect(isSilent(steady, steady.last + 14 * MINUTES_A_DAY)).toBe(true);
    expect(isSilent(steady, steady.last + 14 * MINUTES_A_DAY + 1)).toBe(false);
  });

  it('takes no time in which nobody watched for silence', () => {
    const steady = learn(Array.from({ length: 12 * 24 }, (_, hour) => START + hour * 60));
    const later = steady.last + 3 * MINUTES_A_DAY;
    expect(isSilent(steady, later)).toBe(true);
    expect(isSilent(passOver(steady, 3 * MINUTES_A_DAY), later)).toBe(false);
  });
});

const someone = fc.record({
  tenant: fc.constantFrom('a', 'a#b', 'ü'),
  producer: fc.constantFrom('p', 'q', 'r|s'),
});
const activity: fc.Arbitrary<Sightings> = fc
  .array(fc.array(someone, { maxLength: 4 }), { minLength: 1, maxLength: 60 })
  .map((minutes) => minutes.map((each, index) => [START + 1 + index, each] as const));
const empty = { upTo: START, seen: [] };

describe('slots', () => {
  it('come to the same however the minutes are cut, and whichever are read twice', () => {
    fc.assert(
      fc.property(activity, fc.nat({ max: 60 }), fc.nat({ max: 60 }), (sightings, end, again) => {
        for (let number = 0; number < SLOTS; number += 1) {
          const whole = advanceSlot(empty, number, sightings);
          const first = advanceSlot(empty, number, sightings.slice(0, end));
          const rest = sightings.slice(Math.min(again, end));
          expect(advanceSlot(first, number, rest)).toEqual(whole);
        }
      }),
    );
  });

  it('hold everybody once, and survive being written and read', () => {
    fc.assert(
      fc.property(activity, (sightings) => {
        const slots = Array.from({ length: SLOTS }, (_, number) => advanceSlot(empty, number, sightings));
        const held = slots.flatMap(({ seen }) => seen.map(({ tenant, producer }) => `${tenant} ${producer}`));
        const sent = sightings.flatMap(([, all]) =>
          all.map(({ tenant, producer }) => `${tenant} ${producer}`),
        );
        expect(held.sort()).toEqual([...new Set(sent)].sort());
        for (const slot of slots) expect(decodeSlot(encodeSlot(slot))).toEqual(slot);
      }),
    );
  });

  it('leave out the probe, which has an alarm of its own', () => {
    const probe = { tenant: 'weir', producer: 'probe' };
    const slot = advanceSlot(empty, slotOf(probe), [[START + 1, [probe]]]);
    expect(slot.seen).toEqual([]);
  });

  it('hold ten thousand producers within what an item may have', () => {
    const minute = [
      START + 1,
      Array.from({ length: 10_000 }, (_, at) => ({
        tenant: `tenant-${at % 700}`,
        producer: `meter-${at}-${'x'.repeat(40)}`,
      })),
    ] as const;
    const slots = Array.from({ length: SLOTS }, (_, number) => advanceSlot(empty, number, [minute]));
    expect(slots.reduce((sum, { seen }) => sum + seen.length, 0)).toBe(10_000);
    for (const slot of slots) expect(Buffer.byteLength(encodeSlot(slot))).toBeLessThan(200_000);
  });

  it.each(['', '{}', 'null', '{"upTo":1}', '{"upTo":"x","seen":[]}'])(
    'are learnt anew where they say %j',
    (text) => {
      expect(decodeSlot(text)).toBeUndefined();
    },
  );

  it('pass over what nobody can know any more', () => {
    const steady = learn(Array.from({ length: 12 * 24 }, (_, hour) => START + hour * 60));
    const slot = { upTo: steady.last, seen: [steady] };
    const skipped = skipTo(slot, steady.last + 3 * MINUTES_A_DAY + 1);
    expect(skipped.upTo).toBe(steady.last + 3 * MINUTES_A_DAY);
    expect(silentOf([skipped])).toEqual([]);
    expect(minuteName(skipped.upTo)).toBe('2026-11-16T23:00');
  });
});
