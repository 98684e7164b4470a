import '../support/quiet.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pace, Rounds, shareOf } from '../../lambdas/domain/recovery/pace.ts';
import { SharedLog, type Traffic } from '../support/shared-log.ts';

const MARK_SECONDS = 5;
const LIMIT_SECONDS = 900;

/** What live events may have to wait: the lag, and what each worker has in the log at least, with what was live meanwhile. */
function boundOf({ capacity, live, rate, workers, maxLagSeconds, batchMs }: Traffic): number {
  // Each worker looks for itself: several may find at once that there is room.
  const times = workers === 1 ? 1 : 2;
  const least = (workers * new Pace(shareOf(rate, workers), 0).chunk) / (capacity - live);
  return MARK_SECONDS + batchMs / 1000 + times * (maxLagSeconds + least);
}

const traffic = fc
  .record({
    capacity: fc.integer({ min: 200, max: 5_000 }),
    share: fc.double({ min: 0, max: 0.8, noNaN: true }),
    rate: fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1_000, max: 50_000 })),
    workers: fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 10 })),
    maxLagSeconds: fc.integer({ min: 5, max: 120 }),
    batchMs: fc.integer({ min: 100, max: 2_000 }),
  })
  .map(({ share, ...rest }): Traffic => ({ ...rest, live: share * rest.capacity, seconds: LIMIT_SECONDS }));

describe('P8 live traffic beside a replay that never ends', () => {
  it('waits no longer than is said, at any rate, speed and number of workers', async () => {
    await fc.assert(
      fc.asyncProperty(traffic, async (each) => {
        const log = new SharedLog(each);
        await log.replay(LIMIT_SECONDS, true);
        expect(log.longestWait).toBeLessThanOrEqual(boundOf(each));
        expect(log.sent).toBeGreaterThan(0);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  const fast: Traffic = {
    ...{ capacity: 1_000, live: 300, rate: 2_000, workers: 1, seconds: 300, maxLagSeconds: 30, batchMs: 500 },
  };

  it('would wait for all of it, if nothing stopped the replay', async () => {
    const log = new SharedLog(fast);
    await log.replay(LIMIT_SECONDS, false);
    expect(log.longestWait).toBeGreaterThan(5 * boundOf(fast));
  });

  it('leaves the replay what the projector has to spare, or its rate', async () => {
    const spare = new SharedLog({ ...fast, seconds: LIMIT_SECONDS });
    await spare.replay(LIMIT_SECONDS, true);
    expect(spare.sent).toBeGreaterThan(0.8 * 700 * LIMIT_SECONDS);
    const slow = new SharedLog({ ...fast, rate: 500, seconds: LIMIT_SECONDS });
    await slow.replay(LIMIT_SECONDS, true);
    expect(slow.sent).toBeGreaterThan(0.9 * 500 * LIMIT_SECONDS);
  });
});

describe('rounds', () => {
  it('are at least one chunk and at most a minute of the rate, however soon they are projected', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 50_000, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { maxLength: 30 }),
        (rate, seconds) => {
          const rounds = new Rounds(rate, 30);
          const { chunk } = new Pace(rate, 0);
          for (const each of seconds) {
            rounds.sent(chunk - 0.01);
            expect(rounds.isOver).toBe(false);
            rounds.sent(Math.max(chunk, rate * 60));
            expect(rounds.isOver).toBe(true);
            rounds.projected(each);
          }
        },
      ),
    );
  });
});
