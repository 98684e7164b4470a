import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEVELS } from '../../lambdas/domain/control/control.ts';
import { GUARD_SETTINGS } from '../support/memory-guard.ts';
import { type Sender, type Storm, weather } from '../support/storm-world.ts';

const CAPACITY = 8;
const MINUTE = 60;
const QUIET = 90 * MINUTE;

/** A generator that the property's seed alone decides: mulberry32, public domain, Tommy Ettinger. */
function drawing(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Critical events fit; with the others it is up to four times capacity. */
const storms = fc
  .record({
    critical: fc.integer({ min: 0, max: 3 }),
    standard: fc.integer({ min: 4, max: 12 }),
    bulk: fc.integer({ min: 4, max: 12 }),
    minutes: fc.integer({ min: 30, max: 60 }),
    seed: fc.nat(),
  })
  .map(({ critical, standard, bulk, minutes, seed }) => {
    const senders: Sender[] = [
      { producer: 'till', rates: { critical, standard: 1, bulk: 0 } },
      { producer: 'agent', rates: { critical: 0, standard, bulk: 3 } },
      { producer: 'batch', rates: { critical: 0, standard: 0, bulk } },
    ];
    return { senders, capacity: CAPACITY, seconds: minutes * MINUTE, fraction: drawing(seed) };
  });

const sum = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((all, one) => all + one, 0);

/** Times of its capacity that a storm brings. */
const timesOf = ({ senders, capacity }: Storm) =>
  senders.reduce((all, { rates }) => all + sum(rates), 0) / capacity;

/**
 * Seconds after which all steps are taken: once the lag, which grows by so much each second, can be seen, a step a minute.
 * What has come until then has to be counted, however it is shed.
 */
function boundOf(storm: Storm): number {
  const times = timesOf(storm);
  const { lagSeconds, markSeconds } = GUARD_SETTINGS;
  const steps = LEVELS.length - 1;
  const acts = (lagSeconds + markSeconds) / (1 - 1 / times) + (steps + 2) * MINUTE;
  return acts * (times - 1) + 2 * MINUTE;
}

describe('F5: a storm at several times capacity', () => {
  it('is shed until it is over: what is critical is taken at once, the lag is bounded, and nothing is lost', async () => {
    await fc.assert(
      fc.asyncProperty(storms, async (storm) => {
        const { seconds, sent, accepted, shed, counted } = await weather(storm, QUIET);
        expect(shed.critical).toBe(0);
        // Every event was accepted in the end, once, and all that was accepted was counted.
        expect(accepted).toEqual(sent);
        expect(counted).toBe(sum(sent));
        expect(seconds.at(-1)!.control).toMatchObject({ level: 'none', held: [] });
        expect(Math.max(...seconds.map(({ lag }) => lag))).toBeLessThan(boundOf(storm));
      }),
      { numRuns: 5 },
    );
  });

  it('without guard would be lag that grows with the storm', async () => {
    // What the bound above is worth: the same storm, with a level that an operator has pinned to none.
    const rates = { critical: 0, standard: 12, bulk: 12 };
    const storm = {
      senders: [{ producer: 'agent', rates }],
      capacity: CAPACITY,
      seconds: 60 * MINUTE,
      fraction: drawing(1),
    };
    const free = await weather(storm, MINUTE, { mode: 'manual' });
    const steered = await weather({ ...storm, fraction: drawing(1) }, MINUTE);
    expect(free.seconds.at(-1)!.lag).toBeGreaterThan(boundOf(storm));
    expect(Math.max(...steered.seconds.map(({ lag }) => lag))).toBeLessThan(boundOf(storm));
  });

  it('that comes while the projector is down is shed once it is up, and is over in the end', async () => {
    const rates = { critical: 1, standard: 8, bulk: 8 };
    const storm = {
      senders: [{ producer: 'agent', rates }],
      ...{ capacity: CAPACITY, seconds: 60 * MINUTE, fraction: drawing(7) },
      outage: { from: 0, to: 20 * MINUTE },
    };
    const { seconds, sent, accepted, shed } = await weather(storm, 4 * QUIET);
    const first = seconds.find(({ control }) => control.level !== 'none')!;
    expect(first.at).toBeGreaterThan(storm.outage.to);
    expect(first.at).toBeLessThan(storm.outage.to + 12 * MINUTE);
    expect(shed.critical).toBe(0);
    expect(accepted).toEqual(sent);
    expect(seconds.at(-1)).toMatchObject({ control: { level: 'none', held: [] } });
  });

  it('of one producer beyond its budget begins with holding that one at it', async () => {
    const senders: Sender[] = [
      { producer: 'loop', rates: { critical: 0, standard: 150, bulk: 0 } },
      { producer: 'agent', rates: { critical: 1, standard: 5, bulk: 0 } },
    ];
    const storm = { senders, capacity: 80, seconds: 20 * MINUTE, fraction: drawing(3) };
    const { seconds, shed } = await weather(storm, 0);
    const steps = seconds.map(({ control }) => control).filter(({ v }, at, all) => v !== all[at - 1]?.v);
    const first = steps.find(({ held, level }) => held.length > 0 || level !== 'none')!;
    expect(first).toMatchObject({
      level: 'none',
      held: [{ producer: 'loop', how: { kind: 'over-budget' } }],
    });
    expect(shed.critical).toBe(0);
  });
});

/** What comes fits, so that what an outage has left is counted in time. */
const outages = fc
  .record({
    critical: fc.integer({ min: 0, max: 4 }),
    standard: fc.integer({ min: 1, max: 4 }),
    bulk: fc.integer({ min: 1, max: 4 }),
    // Of capacity, so much is left over: catching up takes from a fifth to four times as long as the outage.
    more: fc.integer({ min: 25, max: 400 }),
    begins: fc.integer({ min: 0, max: 15 * MINUTE }),
    lasts: fc.integer({ min: 6 * MINUTE, max: 60 * MINUTE }),
    seed: fc.nat(),
  })
  .map(({ critical, standard, bulk, more, begins, lasts, seed }) => {
    const rates = { critical, standard, bulk };
    return {
      senders: [{ producer: 'agent', rates }],
      ...{ capacity: Math.ceil((sum(rates) * (100 + more)) / 100), seconds: begins + 6 * lasts },
      ...{ outage: { from: begins, to: begins + lasts }, fraction: drawing(seed) },
    };
  });

describe('F12: an outage of the projector', () => {
  it('is no storm, nor is what it has left, which drains: nothing is shed', async () => {
    await fc.assert(
      fc.asyncProperty(outages, async (outage) => {
        const { seconds, shed, counted, sent } = await weather(outage, QUIET);
        expect(shed).toEqual({ critical: 0, standard: 0, bulk: 0 });
        expect(counted).toBe(sum(sent));
        expect(seconds.at(-1)!.control.held).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});
