import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LagGate, Pace, shareOf } from '../../lambdas/domain/recovery/pace.ts';

/** Chunks that a worker wants to send, each after some time of its own; what is sent when. */
function sendAll(rate: number, chunks: readonly { events: number; idleMs: number }[]) {
  const pace = new Pace(rate, 0);
  let now = 0;
  return chunks.map(({ events, idleMs }) => {
    now += idleMs;
    now += pace.take(events, now);
    return { at: now, events };
  });
}

const rates = fc.oneof(fc.double({ min: 0.02, max: 2, noNaN: true }), fc.integer({ min: 1, max: 10_000 }));
const wishes = (rate: number) =>
  fc.array(
    fc.record({
      events: fc.integer({ min: 1, max: new Pace(rate, 0).chunk }),
      idleMs: fc.oneof(fc.constant(0), fc.nat(10_000)),
    }),
    { minLength: 1, maxLength: 60 },
  );

describe('pace', () => {
  it('is never above the rate, over any span, but for one second of it or one event', () => {
    fc.assert(
      fc.property(
        rates.chain((rate) => fc.tuple(fc.constant(rate), wishes(rate))),
        ([rate, chunks]) => {
          const sent = sendAll(rate, chunks);
          for (let from = 0; from < sent.length; from++) {
            let events = 0;
            for (let to = from; to < sent.length; to++) {
              events += sent[to]!.events;
              const seconds = (sent[to]!.at - sent[from]!.at) / 1000;
              // Pauses are whole milliseconds.
              expect(events).toBeLessThanOrEqual((seconds + 0.001) * rate + Math.max(1, rate) + 1e-6);
            }
          }
        },
      ),
    );
  });

  it('reaches the rate where there is enough to send', () => {
    fc.assert(
      fc.property(rates, (rate) => {
        const { chunk } = new Pace(rate, 0);
        const sent = sendAll(
          rate,
          Array.from({ length: 50 }, () => ({ events: chunk, idleMs: 0 })),
        );
        // Pauses are whole milliseconds.
        expect(sent.at(-1)!.at).toBeLessThanOrEqual((50 * chunk * 1000) / rate + 50);
      }),
    );
  });

  it('of all workers together is that of the run', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 40 }), (rate, workers) => {
        expect(shareOf(rate, workers) * workers).toBeCloseTo(rate, 6);
      }),
    );
    expect(shareOf(10, 0)).toBe(10);
  });

  it('never has a clock that goes backwards lend it anything', () => {
    const pace = new Pace(10, 0);
    pace.take(10, 1_000);
    expect(pace.take(10, 0)).toBe(1_000);
  });
});

describe('the gate for lag', () => {
  const lags = fc.array(fc.option(fc.double({ min: 0, max: 200, noNaN: true }), { nil: undefined }));

  it('is shut above the bound, and opens only well below it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 100 }), lags, (bound, seen) => {
        const gate = new LagGate(bound);
        let open = true;
        for (const lag of seen) {
          const before = open;
          open = gate.mayGo(lag);
          if (lag === undefined || lag > bound) expect(open).toBe(false);
          else if (lag <= bound / 2) expect(open).toBe(true);
          else expect(open).toBe(before);
        }
      }),
    );
  });
});
