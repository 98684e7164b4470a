import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Contracts } from '../../lambdas/domain/contract.ts';
import type { RebuildRequest } from '../../lambdas/domain/recovery/request.ts';
import { acts, flowing, history } from '../support/arbitrary-traffic.ts';
import { testContracts } from '../support/contracts.ts';
import { World } from '../support/projector.ts';
import { meaningOf, RecoveryWorld } from '../support/recovery-world.ts';
import { correctedContracts, revisableContracts } from '../support/revised-contracts.ts';

const ask: RebuildRequest = {
  ...{ verb: 'rebuild', requestId: 'rebuild', operator: 'tests', reason: 'property' },
  ...{ dryRun: false, rate: 1000, maxLagSeconds: 60 },
};
const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 10 });
const partitions = fc.integer({ min: 1, max: 3 });

class Died extends Error {}

/** What a projector would have made of all that is in the log. */
async function projected(world: RecoveryWorld, contracts: Contracts = testContracts) {
  const other = new World(contracts);
  await other.deliver(world.records());
  return meaningOf(other.table);
}

/** Each bucket is what a projector would have made of it, under the revision that it has now. */
async function expectNothingLost(world: RecoveryWorld): Promise<void> {
  const now = meaningOf(world.table);
  const before = await projected(world);
  const corrected = await projected(world, correctedContracts);
  expect(Object.keys(now).sort()).toEqual(Object.keys(before).sort());
  for (const [name, meaning] of Object.entries(now))
    expect(meaning).toEqual((revisionOf(world, name) === 2 ? corrected : before)[name]);
}

function revisionOf(world: RecoveryWorld, name: string): number {
  return Number((world.table.read(name)!.revision as { N: string }).N);
}

/** Runs the fold in processes that die at these calls, one after the other, until one does not. */
async function foldDying(
  world: RecoveryWorld,
  deaths: readonly number[],
  into: number,
  flow = async () => {},
  request = ask,
) {
  for (const death of [...deaths, Number.POSITIVE_INFINITY]) {
    let calls = 0;
    world.during = async () => {
      await flow();
      if (++calls >= death) throw new Died();
    };
    try {
      return await world.fold(request, into);
    } catch (error) {
      if (!(error instanceof Died)) throw error;
    }
  }
  throw new Error('it always dies');
}

describe('P2, P4: rebuild', () => {
  it('P4: brings state back from the archive alone, digest for digest, and the projector goes on from there', async () => {
    await fc.assert(
      fc.asyncProperty(
        acts(40, 'e'),
        acts(10, 'later'),
        sizes,
        partitions,
        async (all, later, cuts, into) => {
          const world = new RecoveryWorld();
          const sent = await history(world, all, cuts);
          await world.drain();
          const before = meaningOf(world.table);
          world.table.versions.clear();
          const { kinds } = await world.run(ask, into);
          expect(kinds).toEqual([]);
          expect(meaningOf(world.table)).toEqual(before);

          const flow = flowing(world, later, sent, () => 0);
          for (let step = 0; step < later.length; step++) await flow();
          await world.drain();
          expect(meaningOf(world.table)).toEqual(await projected(world));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('loses and doubles nothing, whenever it runs, wherever it dies, whoever writes meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        acts(25, 'old'),
        acts(15, 'new'),
        sizes,
        partitions,
        fc.infiniteStream(fc.nat(12)),
        fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 4 }),
        async (before, during, cuts, into, dice, deaths) => {
          const { contracts, revise } = revisableContracts();
          const world = new RecoveryWorld(contracts);
          const sent = await history(world, before, cuts);
          await world.drain();
          const there = Object.keys(meaningOf(world.table)).filter((name) => name.includes(' B#test.every#'));
          revise();
          const flow = flowing(world, during, sent, () => dice.next().value);
          world.beforePlan = async () => {
            for (let step = 0; step < 5; step++) await flow();
          };
          world.meanwhile = async () => {
            await flow();
            await world.archive();
          };
          await world.prepare(ask, into);
          const { kinds, differences } = await foldDying(world, deaths, into, flow);
          expect(kinds.filter((kind) => kind !== 'moving')).toEqual([]);
          world.during = () => {};
          await world.drain();
          await expectNothingLost(world);
          if (kinds.length === 0) for (const name of there) expect(revisionOf(world, name)).toBe(2);
          const rebuilt = differences.filter(({ kind }) => kind === 'rebuilt');
          if (kinds.length === 0 && there.length > 0)
            expect(rebuilt.length).toBeGreaterThanOrEqual(there.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('loses and doubles nothing where two of them, and a zombie, write the same buckets', async () => {
    await fc.assert(
      fc.asyncProperty(
        acts(20, 'old'),
        acts(15, 'new'),
        sizes,
        fc.infiniteStream(fc.nat(12)),
        fc.scheduler(),
        async (before, during, cuts, dice, scheduler) => {
          const { contracts, revise } = revisableContracts();
          const world = new RecoveryWorld(contracts);
          const sent = await history(world, before, cuts);
          await world.drain();
          revise();
          const other = { ...ask, requestId: 'other' };
          await world.prepare(ask);
          await world.prepare(other);
          const flow = flowing(world, during, sent, () => dice.next().value);
          world.during = async () => {
            await scheduler.schedule(Promise.resolve());
            await flow();
          };
          await scheduler.waitFor(Promise.all([world.fold(ask), world.fold(ask), world.fold(other)]));
          world.during = () => {};
          await world.drain();
          await expectNothingLost(world);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is undone: the old numbers are back, with what came since, wherever either dies', async () => {
    await fc.assert(
      fc.asyncProperty(
        acts(25, 'old'),
        acts(15, 'new'),
        sizes,
        partitions,
        fc.infiniteStream(fc.nat(12)),
        fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 3 }),
        async (before, during, cuts, into, dice, deaths) => {
          const { contracts, revise } = revisableContracts();
          const world = new RecoveryWorld(contracts);
          const sent = await history(world, before, cuts);
          await world.drain();
          const there = Object.keys(meaningOf(world.table));
          revise();
          await world.prepare(ask, into);
          await foldDying(world, deaths, into);
          // Of one id with two contents the one is counted that comes first, and between undoing and sending again that may be another.
          const unequivocal = during.filter((act) => !('value' in act));
          const flow = flowing(world, unequivocal, sent, () => dice.next().value);
          for (let step = 0; step < 20; step++) await flow();
          world.meanwhile = async () => {
            await flow();
            await world.archive();
          };
          const undo = { ...ask, requestId: 'undo', undo: 'rebuild' };
          await world.prepare(undo, into);
          const { kinds, differences } = await foldDying(world, deaths, into, flow, undo);
          expect(kinds.filter((kind) => kind !== 'moving')).toEqual([]);
          world.during = () => {};
          await world.resendMissing('undo');
          await world.drain();
          await expectNothingLost(world);
          expect(differences.filter(({ kind }) => kind === 'restored' || kind === 'moving').length).toBe(
            there.filter((name) => name.includes(' B#test.every#')).length,
          );
          if (kinds.length === 0) for (const name of there) expect(revisionOf(world, name)).toBe(1);
        },
      ),
      { numRuns: 60 },
    );
  });
});
