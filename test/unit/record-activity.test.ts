import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordActivity } from '../../lambdas/ingest/record-activity.ts';
import { eventOf, startIngest } from '../support/ingest.ts';
import { MemoryActivity } from '../support/memory-control.ts';

const START = Date.parse('2026-11-21T07:30:50.000Z');
const at = (ms: number) => new Date(ms).toISOString();

function start() {
  const clock = { ms: START, now: () => clock.ms };
  const activity = new MemoryActivity();
  const failures: unknown[] = [];
  let wake = () => {};
  const sleep = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  const report = (error: unknown) => failures.push(error);
  const recorder = new RecordActivity({ activity, clock, sleep, report });
  return { clock, activity, failures, recorder, wake: () => wake() };
}

describe('activity of producers', () => {
  it('is told at first sight, then every fifteen seconds, and what was accepted with the next', async () => {
    const ingest = startIngest();
    await ingest.batch([eventOf(), eventOf({ id: '' })]);
    expect(ingest.activity.added).toEqual([
      { minute: '2026-11-21T07:30', tenant: 'acme', producer: 'agent', offered: 2, accepted: 0, shed: 0 },
    ]);
    ingest.clock.ms += 14_999;
    await ingest.one(eventOf());
    expect(ingest.activity.added).toHaveLength(1);
    ingest.clock.ms += 1;
    await ingest.one(eventOf());
    expect(ingest.activity.added.slice(1)).toMatchObject([{ offered: 2, accepted: 2, shed: 0 }]);
  });

  it('is told of the minute in which it was', async () => {
    const ingest = startIngest();
    await ingest.one(eventOf());
    ingest.clock.ms += 60_000;
    await ingest.one(eventOf());
    expect(ingest.activity.added.slice(1)).toMatchObject([
      { minute: '2026-11-21T07:30', offered: 0, accepted: 1 },
      { minute: '2026-11-21T07:31', offered: 1, accepted: 0 },
    ]);
  });

  it('takes nothing from a request when it can not be told, or hangs', async () => {
    const down = startIngest();
    down.activity.down = true;
    expect((await down.one(eventOf())).status).toBe(202);
    expect(down.failures).toHaveLength(1);
    const { recorder, activity, failures, wake } = start();
    activity.add = () => new Promise(() => {});
    recorder.offered({ tenant: 't', producer: 'p' }, at(START), 1, 0);
    const telling = recorder.tell({ tenant: 't', producer: 'p' });
    wake();
    await telling;
    expect(failures).toHaveLength(1);
  });

  it('adds up to what came, however it came, with no producer told of more often than it may be', async () => {
    const request = fc.record({
      producer: fc.constantFrom('a', 'b'),
      afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40_000 })),
      offered: fc.integer({ min: 100, max: 1_000 }),
      shed: fc.integer({ min: 0, max: 100 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1 }), async (requests) => {
        const { clock, activity, recorder } = start();
        const told: { producer: string; at: number }[] = [];
        const send = async (producer: string, offered: number, shed: number) => {
          const sender = { tenant: 't', producer };
          const before = activity.added.length;
          recorder.offered(sender, at(clock.ms), offered, shed);
          await recorder.tell(sender);
          recorder.accepted(sender, at(clock.ms), offered - shed);
          if (activity.added.length > before) told.push({ producer, at: clock.ms });
        };
        for (const { producer, afterMs, offered, shed } of requests) {
          clock.ms += afterMs;
          await send(producer, offered, shed);
        }
        // Whoever comes once more tells of all that is left.
        clock.ms += 15_000;
        for (const producer of ['a', 'b']) await send(producer, 0, 0);
        for (const producer of ['a', 'b']) {
          const own = requests.filter((request) => request.producer === producer);
          const sum = (counts: readonly number[]) => counts.reduce((all, one) => all + one, 0);
          const added = activity.added.filter((one) => one.producer === producer);
          expect(sum(added.map(({ offered }) => offered))).toBe(sum(own.map(({ offered }) => offered)));
          expect(sum(added.map(({ shed }) => shed))).toBe(sum(own.map(({ shed }) => shed)));
          expect(sum(added.map(({ accepted }) => accepted))).toBe(
            sum(own.map(({ offered, shed }) => offered - shed)),
          );
          const times = told.filter((one) => one.producer === producer).map(({ at }) => at);
          for (const [index, time] of times.entries())
            if (index > 0) expect(time - times[index - 1]!).toBeGreaterThanOrEqual(15_000);
        }
      }),
    );
  });

  it('is forgotten of whom it has no room for, and of nobody else', async () => {
    const { activity, recorder } = start();
    for (let i = 0; i <= 1_000; i++) recorder.offered({ tenant: 't', producer: `p${i}` }, at(START), 1, 0);
    for (let i = 0; i <= 1_000; i++) await recorder.tell({ tenant: 't', producer: `p${i}` });
    expect(activity.added).toHaveLength(1_000);
    expect(activity.added.some(({ producer }) => producer === 'p0')).toBe(false);
  });
});
