import { describe, expect, it } from 'vitest';
import { type Seen, trackLag } from '../../lambdas/domain/control/track-lag.ts';

const T0 = Date.parse('2026-11-21T12:00:00Z');
const iso = (seconds: number) => new Date(T0 + seconds * 1000).toISOString();
const settings = { markSeconds: 60, stallSeconds: 300 };
const look = (seen: Seen | undefined, asOf: number, now: number) =>
  trackLag(seen, iso(asOf), T0 + now * 1000, settings);

describe('lag by marks', () => {
  it('is what they prove: a mark that is a minute old is the newest that there can be', () => {
    expect(look(undefined, 0, 59).lag.seconds).toBe(0);
    expect(look(undefined, 0, 100).lag.seconds).toBe(40);
  });

  it('of a projector seen once says nothing of whether it moves', () => {
    expect(look(undefined, 0, 1000).lag.moves).toBe(false);
  });

  it('moves where it was seen further on, for as long as a slow projector may take to the next mark', () => {
    const first = look(undefined, 0, 400);
    const second = look(first.seen, 60, 460);
    expect(second.lag).toEqual({ seconds: 340, moves: true, stays: false });
    const third = look(second.seen, 60, 760);
    expect(third.lag.moves).toBe(true);
    expect(look(third.seen, 60, 761).lag.moves).toBe(false);
  });

  it('F12: of a projector that kept up and then stood still is never taken to move once the lag is that long', () => {
    let seen: Seen | undefined;
    for (let now = 0; now <= 600; now += 60) ({ seen } = look(seen, now, now + 1));
    for (let now = 660; now < 4000; now += 60) {
      const { lag, seen: next } = look(seen, 600, now);
      seen = next;
      expect(lag.moves && lag.seconds > 300).toBe(false);
    }
  });

  it('does not take going back, as after a split, for a move', () => {
    const first = look(undefined, 600, 700);
    const back = look(first.seen, 0, 760);
    expect(back.seen.movedAt).toBeUndefined();
    expect(look(back.seen, 60, 820).lag.moves).toBe(true);
  });
});

describe('a lag that stays', () => {
  /** Looks each minute at a projector that comes on by `speed` seconds a second, from mark to mark. */
  const watch = (minutes: number, speed: number, behind: number, before?: Seen) => {
    let seen = before;
    return Array.from({ length: minutes }, (_, minute) => {
      const now = minute * 60;
      const asOf = Math.floor((now * speed) / 60) * 60 - behind;
      const looked = look(seen, asOf, now);
      seen = looked.seen;
      return looked;
    });
  };

  it('is one that grows, or only does not get less, however slowly the projector comes on', () => {
    for (const speed of [0.25, 0.5, 0.9, 1])
      expect(
        watch(20, speed, 600)
          .slice(13)
          .every(({ lag }) => lag.stays),
      ).toBe(true);
    // One that takes seven minutes to the next mark seems to stand still in the last of them.
    expect(watch(30, 1 / 7, 600).filter(({ lag }) => lag.moves && lag.stays).length).toBeGreaterThan(5);
  });

  it('F12: is none that gets less, nor one of a projector that was not watched for long since it stood still', () => {
    for (const speed of [1.2, 1.5, 3, 20]) {
      // It stood a mark before where it is first seen to come on.
      const looks = watch(20, speed, 4_000, { asOf: iso(-4_060), movedAt: iso(-4_000) });
      expect(looks.filter(({ lag }) => lag.seconds > 300 && lag.stays)).toEqual([]);
    }
  });

  it('is seen also where it is looked seldom, beside how long it may stand still', () => {
    let seen: Seen | undefined;
    const found: boolean[] = [];
    // Looks each minute, with a stall of ten seconds: nine marks come in ten minutes.
    for (let minute = 0; minute < 12; minute++) {
      const now = T0 + minute * 60_000;
      const asOf = iso(Math.floor(minute * 0.9) * 60 - 120);
      const looked = trackLag(seen, asOf, now, { markSeconds: 60, stallSeconds: 10 });
      seen = looked.seen;
      found.push(looked.lag.stays);
    }
    expect(found.filter(Boolean).length).toBeGreaterThan(5);
  });

  it('keeps few, however often it is looked', () => {
    let seen: Seen | undefined = { asOf: iso(-60) };
    for (let now = 0; now < 3_000; now++) ({ seen } = look(seen, now, now));
    expect(seen.lags!.length).toBeLessThanOrEqual(27);
    expect(Date.parse(seen.lags![0]!.at)).toBeGreaterThanOrEqual(T0 + 2_249_000);
  });
});
