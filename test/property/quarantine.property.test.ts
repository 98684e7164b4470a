import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../lambdas/domain/log-record.ts';
import { batchesOf, deliveryPlan, hostileStream, type Stream, streamOf } from '../support/hostile-stream.ts';
import { foldModel, showModel, shown } from '../support/model.ts';
import { World } from '../support/projector.ts';
import { readBuckets } from '../support/read-state.ts';
import { rawRecord, TENANT } from '../support/records.ts';

const QUARANTINE = 'weir.quarantine';
const TYPES = ['test.every', 'test.groups', 'test.sum', 'test.unknown'];

/** What is stored, as `type bucket identity`, each as often as it is there. */
function storedIds(world: World): string[] {
  return TYPES.flatMap((type) =>
    [...readBuckets(world.table, type)].flatMap(([bucket, { ids }]) =>
      ids.map((id) => `${type} ${bucket} ${id}`),
    ),
  ).sort();
}

const quarantinedIds = (world: World) =>
  [...readBuckets(world.table, QUARANTINE).values()].flatMap(({ ids }) => ids).sort();

/** Projects what the projector itself has written, as the log would hand it out, until nothing new is written. */
async function feedBack(world: World): Promise<void> {
  const records = world.log.records.map(({ text }) => rawRecord(Buffer.from(text)));
  await world.deliver(records);
  await world.deliver(records);
  expect(world.log.records).toHaveLength(records.length);
}

/** P3: each event is counted exactly once, or in quarantine with exactly one origin; never both, never neither. */
function expectEachOnce(world: World, { judged }: Stream): void {
  const fates = judged.map(({ fate }) => fate);
  const counted = fates.filter((fate) => 'bucket' in fate);
  const refused = fates.filter((fate) => 'origin' in fate);
  const names = counted.map(({ type, bucket, identity }) => `${type} ${bucket} ${identity}`);
  expect(storedIds(world)).toEqual([...new Set(names)].sort());
  expect(quarantinedIds(world)).toEqual(refused.map(({ identity }) => identity).sort());

  const once = new Map(counted.map((fate) => [`${fate.bucket} ${fate.identity}`, fate.event]));
  const model = foldModel(
    TENANT,
    [...once.values()].filter(({ type }) => type === 'test.every'),
  );
  for (const [key, { head }] of readBuckets(world.table, 'test.every')) {
    expect(shown(head)).toEqual(showModel(model.get(key)!));
  }
  const codes = new Map(
    world.log.drafts.flatMap((draft) =>
      'quarantine' in draft ? [[draft.quarantine.origin, draft.quarantine.code]] : [],
    ),
  );
  expect(Object.fromEntries(codes)).toEqual(
    Object.fromEntries(refused.map(({ origin, code }) => [origin, code])),
  );
}

/** Every line of quarantine can be looked up, and says how many. */
function expectLinesKept(world: World): void {
  const fingerprints = new Set([...world.samples.samples.values()].map(({ fingerprint }) => fingerprint));
  for (const [key, { head, ids }] of readBuckets(world.table, QUARANTINE)) {
    expect(fingerprints).toContain(key.split(' ')[0]);
    expect(head.m).toEqual({ count: { all: String(ids.length) } });
  }
}

/**
 * Watches that a mark is noted only when all before it is done: counted, or its quarantine in the log. What was noted
 * too early is in the list that comes back.
 */
function watchMarks(world: World, { judged }: Stream): string[] {
  const early: string[] = [];
  const passed = world.progress.passed.bind(world.progress);
  world.progress.passed = async (shardId, mark, sequence) => {
    const stored = new Set(storedIds(world));
    const origins = new Set(
      world.log.drafts.map((draft) => ('quarantine' in draft ? draft.quarantine.origin : '')),
    );
    for (const { sequence: at, fate } of judged) {
      if (BigInt(at) > BigInt(sequence)) continue;
      const done =
        'origin' in fate
          ? origins.has(fate.origin)
          : stored.has(`${fate.type} ${fate.bucket} ${fate.identity}`);
      if (!done) early.push(`${mark}: ${JSON.stringify(fate)}`);
    }
    await passed(shardId, mark, sequence);
  };
  return early;
}

async function expectAllDone(world: World, stream: Stream, early: readonly string[]): Promise<void> {
  expect(early).toEqual([]);
  expect([...world.progress.passes.values()].at(-1)?.mark).toBe(stream.lastMark);
  await feedBack(world);
  expectEachOnce(world, stream);
  expectLinesKept(world);
}

/** Finite, so that every stream comes to its end. */
const dice = fc.array(fc.nat(11), { maxLength: 300, size: 'max' });

class Throttled extends Error {
  override readonly name = 'ThrottlingException';
}

describe('P3 nothing lost in silence, F2 duplicates and reused ids', () => {
  it('in any batches, with any part coming again', async () => {
    await fc.assert(
      fc.asyncProperty(hostileStream, deliveryPlan, fc.boolean(), async (written, plan, cold) => {
        const stream = streamOf(written);
        const world = new World();
        const early = watchMarks(world, stream);
        let project = world.instance();
        for (const batch of batchesOf(stream.records, plan)) {
          if (cold) project = world.instance();
          await world.deliver(batch, project);
        }
        await expectAllDone(world, stream, early);
      }),
      { numRuns: 150 },
    );
  });

  it('when the log refuses or loses answers, and calls fail before or after they took effect', async () => {
    await fc.assert(
      fc.asyncProperty(hostileStream, deliveryPlan, dice, async (written, plan, rolls) => {
        const stream = streamOf(written);
        const world = new World();
        const early = watchMarks(world, stream);
        const roll = () => rolls.pop() ?? 11;
        world.log.refuse = () => roll() < 3;
        world.log.lose = () => roll() < 3;
        const project = world.instance((operation, moment) => {
          const rolled = roll();
          if (operation === 'publish' || rolled > 3 || (rolled % 2 === 0) === (moment === 'after')) return;
          throw rolled < 2 ? new Throttled() : new Error('connection lost');
        });
        for (const batch of batchesOf(stream.records, plan)) await world.deliver(batch, project, 500);
        rolls.length = 0;
        await expectAllDone(world, stream, early);
      }),
      { numRuns: 100 },
    );
  });

  it('when the process dies before or after any call, and a cold one takes the batch again', async () => {
    await fc.assert(
      fc.asyncProperty(
        hostileStream,
        deliveryPlan,
        fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 30 }),
        async (written, plan, deaths) => {
          const stream = streamOf(written);
          const world = new World();
          const early = watchMarks(world, stream);
          for (const batch of batchesOf(stream.records, plan)) {
            for (let death = deaths.pop(); death !== undefined; death = deaths.pop()) {
              if (!(await world.dyingAt(death, batch))) break;
            }
            await world.deliver(batch);
          }
          await expectAllDone(world, stream, early);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('when two instances and a zombie take the same batches in any interleaving', async () => {
    await fc.assert(
      fc.asyncProperty(hostileStream, deliveryPlan, fc.scheduler(), async (written, plan, scheduler) => {
        const stream = streamOf(written);
        const world = new World();
        const early = watchMarks(world, stream);
        const batches = [...batchesOf<LogRecord>(stream.records, plan)];
        const run = async (to: number) => {
          const project = world.instance(() => scheduler.schedule(Promise.resolve()));
          for (const batch of batches.slice(0, to)) await world.deliver(batch, project, 1000);
        };
        await scheduler.waitFor(
          Promise.all([run(1), run(Math.ceil(batches.length / 2)), run(batches.length)]),
        );
        await expectAllDone(world, stream, early);
      }),
      { numRuns: 60 },
    );
  });
});
