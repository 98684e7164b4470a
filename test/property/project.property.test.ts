import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import type { LogRecord } from '../../lambdas/domain/log-record.ts';
import { deliveries, eventSet } from '../support/arbitrary-events.ts';
import { foldModel, showModel, shown } from '../support/model.ts';
import { World } from '../support/projector.ts';
import { readBuckets } from '../support/read-state.ts';
import { eventsRecord, TENANT } from '../support/records.ts';

/** P2: what is stored is the fold of the set, and each bucket's pages hold each id once. */
function expectFoldOf(world: World, events: readonly CloudEvent[]): void {
  const expected = foldModel(TENANT, events);
  const stored = readBuckets(world.table, 'test.every');
  expect([...stored.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [key, model] of expected) {
    const { head, ids } = stored.get(key)!;
    expect(shown(head)).toEqual(showModel(model));
    expect(ids).toHaveLength(model.n);
    expect(new Set(ids).size).toBe(model.n);
  }
  expect(world.log.drafts).toEqual([]);
}

const delivered = eventSet(120).chain((events) => fc.tuple(fc.constant(events), deliveries(events)));

const toRecords = (batch: readonly CloudEvent[]): LogRecord[] => batch.map((event) => eventsRecord([event]));

class Throttled extends Error {
  override readonly name = 'ThrottlingException';
}

/** Entries that a warm instance remembers: nothing, too few, all. */
const remembered = fc.constantFrom(0, 20, 1_000_000);

describe('P2 counted exactly once', () => {
  it('in any order, with any duplication, in any batches', async () => {
    await fc.assert(
      fc.asyncProperty(delivered, fc.boolean(), remembered, async ([events, batches], cold, entries) => {
        const world = new World();
        world.cachedEntries = entries;
        let project = world.instance();
        for (const batch of batches) {
          if (cold) project = world.instance();
          await world.deliver([eventsRecord(batch)], project);
        }
        expectFoldOf(world, events);
      }),
      { numRuns: 150 },
    );
  });

  it('when calls fail before or after they took effect', async () => {
    await fc.assert(
      fc.asyncProperty(delivered, fc.infiniteStream(fc.nat(4)), async ([events, batches], dice) => {
        const world = new World();
        const project = world.instance((_, moment) => {
          const rolled = dice.next().value;
          if ((rolled === 0 && moment === 'before') || (rolled === 1 && moment === 'after'))
            throw new Throttled();
        });
        for (const batch of batches) await world.deliver(toRecords(batch), project);
        expectFoldOf(world, events);
      }),
      { numRuns: 100 },
    );
  });

  it('when reads are stale', async () => {
    await fc.assert(
      fc.asyncProperty(delivered, fc.infiniteStream(fc.nat(3)), async ([events, batches], dice) => {
        const world = new World();
        for (const batch of batches) {
          const project = world.instance(
            () => {},
            () => dice.next().value,
          );
          await world.deliver([eventsRecord(batch)], project);
        }
        expectFoldOf(world, events);
      }),
      { numRuns: 100 },
    );
  });

  it('when the process dies before or after any call, and a cold one takes the batch again', async () => {
    await fc.assert(
      fc.asyncProperty(
        delivered,
        fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 30 }),
        async ([events, batches], deaths) => {
          const world = new World();
          for (const batch of batches) {
            const records = [eventsRecord(batch)];
            for (;;) {
              const death = deaths.pop();
              if (death === undefined) break;
              await world.dyingAt(death, records);
            }
            await world.deliver(records);
          }
          expectFoldOf(world, events);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('when every single call of a batch is the last one of its process', async () => {
    const events = fc.sample(eventSet(80), { numRuns: 1, seed: 7 })[0]!;
    for (let death = 1; ; death++) {
      const world = new World();
      await world.deliver([eventsRecord(events.slice(0, 30))]);
      const died = await world.dyingAt(death, [eventsRecord(events)]);
      await world.deliver([eventsRecord(events)]);
      expectFoldOf(world, events);
      if (!died) return;
    }
  });

  it('when two instances and a zombie take the same batches in any interleaving', async () => {
    await fc.assert(
      fc.asyncProperty(delivered, fc.scheduler(), async ([events, batches], scheduler) => {
        const world = new World();
        const around = () => scheduler.schedule(Promise.resolve());
        const run = async (from: number, to: number) => {
          const project = world.instance(around, () => 0);
          for (const batch of batches.slice(from, to)) await world.deliver(toRecords(batch), project, 1000);
        };
        const half = Math.ceil(batches.length / 2);
        // The zombie begins with the first batch and may end it after the others have done them all.
        await scheduler.waitFor(Promise.all([run(0, 1), run(0, half), run(0, batches.length)]));
        expectFoldOf(world, events);
      }),
      { numRuns: 100 },
    );
  });
});
