import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReconcileRequest } from '../../lambdas/domain/recovery/request.ts';
import { acts, flowing, history, perform } from '../support/arbitrary-traffic.ts';
import { World } from '../support/projector.ts';
import { meaningOf, RecoveryWorld } from '../support/recovery-world.ts';
import { tamperings } from '../support/tamper.ts';

const ask: ReconcileRequest = {
  ...{ verb: 'reconcile', requestId: 'look', operator: 'tests', reason: 'property' },
  ...{ dryRun: false, repair: false, identities: false, rate: 1000, maxLagSeconds: 60 },
};
const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 10 });
const partitions = fc.integer({ min: 1, max: 3 });

describe('P2, P4: reconcile', () => {
  it('finds nothing where nothing is wrong, however traffic flows while it looks', async () => {
    await fc.assert(
      fc.asyncProperty(
        acts(30, 'old'),
        acts(20, 'new'),
        sizes,
        partitions,
        fc.infiniteStream(fc.nat(8)),
        fc.boolean(),
        async (before, during, cuts, into, dice, repair) => {
          const world = new RecoveryWorld();
          const sent = await history(world, before, cuts);
          const flow = flowing(world, during, sent, () => dice.next().value);
          world.during = flow;
          world.beforePlan = async () => {
            for (let step = 0; step < 5; step++) await flow();
          };
          world.meanwhile = async () => {
            await flow();
            await world.archive();
          };
          const { kinds, differences } = await world.run({ ...ask, repair }, into);
          expect(kinds).toEqual([]);
          expect(differences.filter(({ kind }) => kind !== 'two-contents')).toEqual([]);
          expect(await world.files.list(ask.requestId, 'missing/')).toEqual([]);
        },
      ),
      { numRuns: 80 },
    );
  });

  it('F3: finds and names what somebody changed, and nothing else, and makes it right', async () => {
    await fc.assert(
      fc.asyncProperty(
        acts(40, 'e'),
        sizes,
        partitions,
        fc.array(fc.tuple(fc.constantFrom(...tamperings), fc.nat(99)), { minLength: 1, maxLength: 3 }),
        async (all, cuts, into, chosen) => {
          const world = new RecoveryWorld();
          await history(world, all, cuts);
          await world.drain();
          const before = meaningOf(world.table);
          const names = Object.keys(before);
          const tampered = new Map<string, readonly string[]>();
          for (const [tampering, at] of chosen) {
            const name = names[at % names.length];
            if (name === undefined || tampered.has(name) || !tampering.to(world.table, name)) continue;
            const isStranger = tampering.kinds.includes('extra-bucket');
            tampered.set(isStranger ? name.replace(/^\S+/, 'acme#nobody') : name, tampering.kinds);
          }
          const found = await world.run(ask, into);
          const findings = found.results.flatMap((result) => result.findings);
          expect(new Set(findings.map(({ where }) => where))).toEqual(new Set(tampered.keys()));
          for (const { where, kind } of findings) expect(tampered.get(where)).toContain(kind);

          const repair = { ...ask, requestId: 'repair', repair: true };
          const repaired = await world.run(repair, into);
          expect(repaired.kinds).toEqual(found.kinds);
          await world.resendMissing('repair');
          await world.drain();
          expect(meaningOf(world.table)).toEqual(before);
          expect((await world.run({ ...ask, requestId: 'again' }, into)).kinds).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('F1: finds what the projector never counted, and has it sent again, each event once', async () => {
    await fc.assert(
      fc.asyncProperty(
        acts(30, 'e'),
        acts(10, 'lost'),
        acts(10, 'later'),
        sizes,
        partitions,
        async (all, lost, later, cuts, into) => {
          const world = new RecoveryWorld();
          const sent = await history(world, all, cuts);
          await world.drain();
          const from = world.projector.log.records.length;
          for (const act of lost) await perform(world, act, sent);
          const to = world.projector.log.records.length;
          world.skip(to - from);
          for (const act of later) await perform(world, act, sent);
          await world.drain();
          const never = new World();
          await never.deliver([...world.records(0, from), ...world.records(to)]);
          const without = meaningOf(never.table);
          expect(meaningOf(world.table)).toEqual(without);
          await never.deliver(world.records(from, to));
          const expected = meaningOf(never.table);

          const found = await world.run({ ...ask, repair: true }, into);
          const isMissing = JSON.stringify(without) !== JSON.stringify(expected);
          expect(found.kinds.length > 0).toBe(isMissing);
          for (const kind of found.kinds) expect(['missing-bucket', 'missing-events']).toContain(kind);
          await world.resendMissing(ask.requestId);
          await world.drain();
          expect(usage(meaningOf(world.table))).toEqual(usage(expected));
          expect((await world.run({ ...ask, requestId: 'again' }, into)).kinds).toEqual([]);
        },
      ),
      { numRuns: 80 },
    );
  });

  it('P4: keeps what state has chosen of two contents, or of too many groups, when it writes a bucket anew', async () => {
    const numbers = tamperings.filter(({ kinds }) => kinds.includes('aggregates-differ'));
    await fc.assert(
      fc.asyncProperty(
        acts(20, 'e'),
        acts(10, 'lost'),
        acts(20, 'later'),
        sizes,
        fc.constantFrom(...numbers),
        fc.nat(99),
        async (all, lost, later, cuts, tampering, at) => {
          const world = new RecoveryWorld();
          const sent = await history(world, all, cuts);
          await world.drain();
          const from = world.projector.log.records.length;
          for (const act of lost) await perform(world, act, sent);
          world.skip(world.projector.log.records.length - from);
          for (const act of later) await perform(world, act, sent);
          await world.drain();
          const before = meaningOf(world.table);
          const names = Object.keys(before);
          const name = names[at % names.length];
          fc.pre(name !== undefined && tampering.to(world.table, name));
          await world.run({ ...ask, repair: true });
          await world.resendMissing(ask.requestId);
          const held = (meaningOf(world.table)[name!] as { ids: string[] }).ids;
          expect(held).toEqual(expect.arrayContaining((before[name!] as { ids: string[] }).ids));
          expect((await world.run({ ...ask, requestId: 'again' })).kinds).toEqual([]);
        },
      ),
      { numRuns: 80 },
    );
  });
});

/** Without what the projector itself put into quarantine. */
function usage(meaning: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(meaning).filter(([name]) => !name.includes(' B#weir.quarantine#')),
  );
}
