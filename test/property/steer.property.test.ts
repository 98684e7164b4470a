import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Control,
  type Held,
  LEVELS,
  NO_CONTROL,
  shareShed,
} from '../../lambdas/domain/control/control.ts';
import type { ProducerRate, Signals, SteerSettings } from '../../lambdas/domain/control/signals.ts';
import { type Steered, steer } from '../../lambdas/domain/control/steer.ts';
import { GUARD } from '../../lambdas/domain/control/step.ts';

const T0 = Date.parse('2026-11-21T10:00:00Z');
const iso = (ms: number) => new Date(ms).toISOString();

const settings = fc
  .record({
    lagSeconds: fc.integer({ min: 10, max: 600 }),
    calm: fc.double({ min: 0.05, max: 1, noNaN: true }),
    stepSeconds: fc.integer({ min: 1, max: 120 }),
    times: fc.integer({ min: 1, max: 5 }),
  })
  .map(
    ({ lagSeconds, calm, stepSeconds, times }): SteerSettings => ({
      lagSeconds,
      calmLagSeconds: lagSeconds * calm,
      stepSeconds,
      calmSeconds: stepSeconds * times,
    }),
  );

const PRODUCERS = ['a', 'b', 'c', 'd'];
const rate = (producer: string) =>
  fc.record({
    tenant: fc.constant('acme'),
    producer: fc.constant(producer),
    offered: fc.oneof(fc.nat(100), fc.nat(10_000)),
    budget: fc.constantFrom(10, 100),
  });
const rates = fc
  .tuple(...PRODUCERS.map((producer) => fc.option(rate(producer), { nil: undefined })))
  .map((all) => all.filter((one) => one !== undefined));

const signals: fc.Arbitrary<Signals> = fc.record(
  {
    alarms: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.constant(['log-throttled']) },
    ),
    lag: fc.record({
      seconds: fc.oneof(fc.nat(30), fc.nat(1200)),
      ...{ moves: fc.boolean(), stays: fc.boolean() },
    }),
    producers: rates,
  },
  { requiredKeys: ['alarms'] },
);

interface Look {
  readonly afterMs: number;
  readonly signals: Signals;
}
const looks = (of: fc.Arbitrary<Signals> = signals) =>
  fc.array(fc.record({ afterMs: fc.oneof(fc.nat(5_000), fc.nat(300_000)), signals: of }), { maxLength: 60 });

const held = (by: string, how: Held['how']): fc.Arbitrary<Held> =>
  fc.constantFrom(...PRODUCERS).map((producer) => ({
    ...{ tenant: 'acme', producer, how, by },
    since: iso(T0 - 1000),
    reason: 'r',
  }));
const start: fc.Arbitrary<Control> = fc
  .record({
    level: fc.constantFrom(...LEVELS),
    held: fc.uniqueArray(
      fc.oneof(
        held('ada', { kind: 'suspended' }),
        held('ada', { kind: 'over-budget', share: 0.3 }),
        held(GUARD, { kind: 'over-budget', share: 0.7 }),
      ),
      { selector: ({ producer }) => producer, maxLength: 4 },
    ),
    maintenance: fc.array(
      fc.nat(3_600_000).map((ms) => ({ from: iso(T0), to: iso(T0 + ms), reason: 'm', by: 'ada' })),
      { maxLength: 3 },
    ),
  })
  .map((some) => ({ ...NO_CONTROL, ...some }));

interface Seen extends Steered {
  readonly at: number;
  readonly before: Control;
  readonly after: Control;
  readonly signals: Signals;
}

/** Steers through all of it, each time from what the time before left in force. */
function run(from: Control, all: readonly Look[], set: SteerSettings): readonly Seen[] {
  let control = from;
  let at = T0;
  return all.map(({ afterMs, signals: of }) => {
    at += afterMs;
    const before = control;
    const steered = steer(before, of, at, set);
    control = steered.control ?? control;
    return { ...steered, at, before, after: control, signals: of };
  });
}

const guards = ({ held: all }: Control) => all.filter(({ by }) => by === GUARD);
const shareOf = (control: Control, producer: string) => {
  const how = control.held.find((one) => one.producer === producer)?.how;
  return how?.kind === 'over-budget' ? how.share : how ? 1 : 0;
};
/** What of the control differs, each thing that is shed more or less. */
function differences(before: Control, after: Control): readonly ('up' | 'down')[] {
  const levels = LEVELS.indexOf(after.level) - LEVELS.indexOf(before.level);
  const of = (by: number, size: number): ('up' | 'down')[] => Array(size).fill(by > 0 ? 'up' : 'down');
  return [
    ...of(levels, Math.abs(levels)),
    ...PRODUCERS.flatMap((producer) => {
      const by = shareOf(after, producer) - shareOf(before, producer);
      return of(by, by === 0 ? 0 : 1);
    }),
  ];
}

const whatever = fc.tuple(start, looks(), settings);
const check = (that: (seen: Seen, all: readonly Seen[], set: SteerSettings) => void) =>
  fc.assert(
    fc.property(whatever, ([from, all, set]) => {
      const seen = run(from, all, set);
      for (const one of seen) that(one, seen, set);
    }),
    { numRuns: 300 },
  );

describe('F5: steering, whatever is seen', () => {
  it('is one step at a time, and says which way', () => {
    check(({ before, after, step }) => {
      expect(differences(before, after)).toEqual(step ? [step] : []);
      expect(after.steppedAt !== before.steppedAt).toBe(step !== undefined);
    });
  });

  it('never steps twice within stepSeconds, nor down after a step within calmSeconds but for who keeps within budget', () => {
    check(({ at, before, step }, _, { stepSeconds }) => {
      if (step && before.steppedAt)
        expect(at - Date.parse(before.steppedAt)).toBeGreaterThanOrEqual(stepSeconds * 1000);
    });
    check(({ at, before, after, step }, _, { calmSeconds }) => {
      if (step !== 'down' || !before.steppedAt || after.level === before.level) return;
      expect(at - Date.parse(before.steppedAt)).toBeGreaterThanOrEqual(calmSeconds * 1000);
    });
  });

  it('lets no more be shed but where it is overloaded, and lets no level fall but after calm for calmSeconds', () => {
    check(({ at, signals: of, step, before, after }, all, { lagSeconds, calmLagSeconds, calmSeconds }) => {
      const { lag } = of;
      const overloaded =
        of.alarms.length > 0 || (lag?.moves && lag.stays && lag.seconds > lagSeconds) || false;
      if (step === 'up') expect(overloaded).toBe(true);
      if (LEVELS.indexOf(after.level) >= LEVELS.indexOf(before.level)) return;
      const lately = all.filter((one) => one.at <= at && one.at >= at - calmSeconds * 1000);
      for (const { signals: then } of lately) {
        expect(then.alarms).toEqual([]);
        expect(then.lag?.seconds ?? 0).toBeLessThan(calmLagSeconds);
      }
    });
  });

  it('never sheds what is critical', () => {
    check(({ after }) => {
      expect(shareShed(after.level, 'critical')).toBe(0);
      for (const { how } of guards(after))
        expect(how).toMatchObject({
          kind: 'over-budget',
          share: expect.toSatisfy((share: number) => share < 1),
        });
    });
  });

  it('holds nobody who keeps within its budget, and of the others the one that is most beyond it first', () => {
    check(({ before, after, step, signals: of }) => {
      const all = of.producers ?? [];
      const passes = (one: ProducerRate) => one.offered * (1 - shareOf(before, one.producer)) - one.budget;
      const mine = (one: ProducerRate) =>
        !before.held.some((by) => by.producer === one.producer && by.by !== GUARD);
      // A little is left to those that are held: see the ramp below.
      const allowed = (one: ProducerRate) =>
        one.budget * (before.held.some(({ producer }) => producer === one.producer) ? 0.5 : 0.05);
      const beyond = (one: ProducerRate) => mine(one) && passes(one) > allowed(one);
      const tighter = all.find((one) => shareOf(after, one.producer) > shareOf(before, one.producer));
      if (tighter) {
        expect(tighter.offered).toBeGreaterThan(tighter.budget);
        const most = Math.max(...all.filter(beyond).map(passes));
        expect(passes(tighter)).toBe(most);
        // What passes then is the budget, or a little less.
        const left = tighter.offered * (1 - shareOf(after, tighter.producer));
        expect(left).toBeLessThanOrEqual(Math.max(tighter.budget * 1.000001, tighter.offered * 0.0010001));
      } else if (step === 'up') {
        for (const one of all.filter(mine))
          expect(passes(one)).toBeLessThanOrEqual(Math.max(allowed(one), one.offered * 0.001));
      }
    });
  });

  it('raises the level, though one that is held offers a little more each minute', () => {
    const set = { lagSeconds: 300, calmLagSeconds: 30, stepSeconds: 55, calmSeconds: 115 };
    const creeping = Array.from({ length: 12 }, (_, minute) => ({
      afterMs: 60_000,
      signals: {
        alarms: ['log-throttled'],
        producers: [{ tenant: 'acme', producer: 'a', offered: 1000 * 1.1 ** minute, budget: 100 }],
      },
    }));
    const seen = run(NO_CONTROL, creeping, set);
    expect(seen[0]!.after.held).toMatchObject([{ producer: 'a' }]);
    expect(seen.at(-1)!.after.level).toBe('standard');
    // Nor is it forgotten: what passes stays near its budget.
    for (const { after, signals: of } of seen) {
      const left = of.producers![0]!.offered * (1 - shareOf(after, 'a'));
      expect(left).toBeLessThanOrEqual(100 * 1.5 * 1.1 ** 3);
    }
  });

  it('does not shed for a lag that gets less by itself', () => {
    const less = signals.map(
      ({ lag }): Signals => ({ alarms: [], ...(lag && { lag: { ...lag, stays: false } }) }),
    );
    fc.assert(
      fc.property(start, looks(less), settings, (from, all, set) => {
        for (const { step } of run(from, all, set)) expect(step).not.toBe('up');
      }),
    );
  });

  it('leaves alone whom an operator holds, and what an operator has set of mode and windows that are not over', () => {
    check(({ before, after, at }) => {
      const theirs = (control: Control) => control.held.filter(({ by }) => by !== GUARD);
      expect(theirs(after)).toEqual(theirs(before));
      expect(after.mode).toBe(before.mode);
      const standing = before.maintenance.filter(({ to }) => to > iso(at));
      expect(after.maintenance).toEqual(standing);
    });
  });

  it('changes nothing at all in manual mode', () => {
    fc.assert(
      fc.property(start, signals, fc.nat(10_000_000), settings, (from, of, ms, set) => {
        expect(steer({ ...from, mode: 'manual' }, of, T0 + ms, set)).toEqual({
          why: expect.stringMatching(/operator/),
        });
      }),
    );
  });

  it('does not shed for the lag of a projector that stands still', () => {
    const still = signals.map(
      ({ lag, producers }): Signals => ({
        alarms: [],
        ...(lag && { lag: { ...lag, moves: false } }),
        ...(producers && { producers }),
      }),
    );
    fc.assert(
      fc.property(start, looks(still), settings, (from, all, set) => {
        for (const { step } of run(from, all, set)) expect(step).not.toBe('up');
      }),
    );
  });

  it('says the same of the same moment again: twice is once', () => {
    check(({ at, after, signals: of }, _, set) => {
      expect(steer(after, of, at, set).control).toBeUndefined();
    });
  });

  it('writes a version more with each change, with reason and time', () => {
    check(({ at, before, control, why }) => {
      if (control) expect(control).toMatchObject({ v: before.v + 1, by: GUARD, at: iso(at), reason: why });
    });
  });
});

describe('F5: once it is calm', () => {
  it('releases everything that guard holds, step by step, whatever was before', () => {
    const calm: Signals = { alarms: [], lag: { seconds: 0, moves: true, stays: false } };
    fc.assert(
      fc.property(start, looks(), settings, rates, (from, all, set, producers) => {
        const before = run(from, all, set);
        const stormy = before.at(-1)?.after ?? from;
        const most = LEVELS.length + PRODUCERS.length;
        const every = set.calmSeconds * 1000;
        const quiet = Array.from({ length: most + 2 }, () => ({
          afterMs: every,
          signals: { ...calm, producers },
        }));
        const since = before.at(-1)?.at ?? T0;
        const after = run(stormy, [{ ...quiet[0]!, afterMs: since - T0 + every }, ...quiet], set).at(
          -1,
        )!.after;
        expect(after.level).toBe('none');
        expect(guards(after)).toEqual([]);
        expect(after.calmSince).toBeUndefined();
      }),
    );
  });

  it('does not go on writing', () => {
    const quiet: Signals = { alarms: [], lag: { seconds: 0, moves: true, stays: true }, producers: [] };
    expect(
      steer(NO_CONTROL, quiet, T0, {
        lagSeconds: 300,
        calmLagSeconds: 30,
        stepSeconds: 55,
        calmSeconds: 115,
      }),
    ).toEqual({ why: expect.any(String) });
  });
});
