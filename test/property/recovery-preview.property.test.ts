import Big from 'big.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Would } from '../../lambdas/domain/recovery/difference.ts';
import type {
  PreviewRequest,
  RebuildRequest,
  ReconcileRequest,
} from '../../lambdas/domain/recovery/request.ts';
import { acts, flowing, history } from '../support/arbitrary-traffic.ts';
import { meaningOf, RecoveryWorld } from '../support/recovery-world.ts';
import { correctedContracts, revisableContracts } from '../support/revised-contracts.ts';
import { tamperings } from '../support/tamper.ts';

const asked = { operator: 'tests', reason: 'property', dryRun: false };
const pace = { rate: 1000, maxLagSeconds: 60 };
const preview: PreviewRequest = { ...asked, verb: 'preview', requestId: 'preview' };
const rebuild: RebuildRequest = { ...asked, ...pace, verb: 'rebuild', requestId: 'rebuild' };
const reconcile: ReconcileRequest = {
  ...{ ...asked, ...pace, verb: 'reconcile', requestId: 'reconcile' },
  ...{ repair: true, identities: false },
};
const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 10 });
const partitions = fc.integer({ min: 1, max: 3 });

/** Every number of every bucket, by bucket, meter and group. */
function numbersOf(world: RecoveryWorld): Map<string, string> {
  const numbers = new Map<string, string>();
  for (const [name, meaning] of Object.entries(meaningOf(world.table))) {
    const { m } = meaning as { m: Record<string, Record<string, string>> };
    for (const [meter, groups] of Object.entries(m))
      for (const [group, value] of Object.entries(groups)) numbers.set(`${name} ${meter} ${group}`, value);
  }
  return numbers;
}

function rowsOf(differences: readonly { readonly kind: string }[]): readonly Would[] {
  return differences.filter((each): each is Would => each.kind === 'preview');
}

const encoded = (part: string) => part.replace(/%/g, '%25').replace(/#/g, '%23').replace(/\|/g, '%7C');
const nameOf = ({ bucket, meter, group }: Would) =>
  `${encoded(bucket.tenant)}#${encoded(bucket.subject)} B#${bucket.type}#${bucket.window} ${meter} ${group}`;

describe('preview', () => {
  it('says of each number what a rebuild makes of it, and changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        acts(30, 'e'),
        sizes,
        partitions,
        fc.boolean(),
        async (all, cuts, into, undeployed) => {
          const { contracts, revise } = revisableContracts();
          const world = new RecoveryWorld(contracts);
          await history(world, all, cuts);
          await world.drain();
          if (!undeployed) revise();
          const before = numbersOf(world);
          const versions = JSON.stringify([...world.table.versions]);
          const more = { contracts: { 'test.every': correctedContracts.get('test.every')!.revisions } };
          const { differences } = await world.run({ ...preview, ...(undeployed && more) }, into);
          expect(JSON.stringify([...world.table.versions])).toBe(versions);
          revise();
          await world.run(rebuild, into);
          const after = numbersOf(world);

          const rows = new Map(rowsOf(differences).map((row) => [nameOf(row), row]));
          for (const name of new Set([...before.keys(), ...after.keys()])) {
            const [old, now] = [before.get(name) ?? null, after.get(name) ?? null];
            const row = rows.get(name);
            if (old === now) expect(row).toBeUndefined();
            else expect({ old: row?.old, new: row?.new }).toEqual({ old, new: now });
            if (row) expect(row.difference).toBe(new Big(now ?? 0).minus(old ?? 0).toFixed());
          }
          for (const name of rows.keys()) expect(before.has(name) || after.has(name)).toBe(true);
        },
      ),
      { numRuns: 80 },
    );
  });

  it('shows nothing where nothing would change, however traffic flows', async () => {
    await fc.assert(
      fc.asyncProperty(
        acts(25, 'old'),
        acts(15, 'new'),
        sizes,
        fc.infiniteStream(fc.nat(8)),
        async (before, during, cuts, dice) => {
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
          const { differences, kinds } = await world.run(preview);
          expect(differences).toEqual([]);
          expect(kinds).toEqual([]);
        },
      ),
      { numRuns: 80 },
    );
  });
});

describe('F1: a damaged archive', () => {
  it('is reason to write nothing anew and to call nothing extra', async () => {
    await fc.assert(
      fc.asyncProperty(
        acts(30, 'e'),
        sizes,
        fc.nat(99),
        fc.constantFrom('lost', 'changed'),
        fc.option(fc.tuple(fc.constantFrom(...tamperings), fc.nat(99))),
        async (all, cuts, at, how, tampered) => {
          const world = new RecoveryWorld();
          await history(world, all, cuts);
          await world.drain();
          const names = Object.keys(meaningOf(world.table));
          if (tampered && names.length > 0) tampered[0].to(world.table, names[tampered[1] % names.length]!);
          const keys = [...world.archived.objects.keys()];
          fc.pre(keys.length > 0);
          const key = keys[at % keys.length]!;
          const bytes = world.archived.objects.get(key)!;
          if (how === 'lost') world.archived.objects.delete(key);
          else
            world.archived.objects.set(
              key,
              bytes.map((byte, index) => (index === 5 ? byte ^ 1 : byte)),
            );
          const versions = JSON.stringify([...world.table.versions]);

          const { kinds } = await world.run(reconcile);
          for (const kind of ['extra-ids', 'extra-bucket']) expect(kinds).not.toContain(kind);
          if (!tampered) for (const kind of kinds) expect(kind).toBe('unprovable');
          expect(JSON.stringify([...world.table.versions])).toBe(versions);
          expect(await world.files.list('reconcile', 'missing/')).toEqual([]);
          await expect(world.run(rebuild)).rejects.toThrow(/"verify" names them/);
          expect(JSON.stringify([...world.table.versions])).toBe(versions);
        },
      ),
      { numRuns: 80 },
    );
  });
});

it('stops where the run was cancelled, before it writes anything', async () => {
  const world = new RecoveryWorld();
  await history(world, fc.sample(acts(10, 'e'), { numRuns: 1, seed: 3 })[0]!, [1]);
  await world.drain();
  world.table.versions.clear();
  await world.prepare(rebuild);
  world.setStatus(rebuild, 'cancelled');
  await expect(world.fold(rebuild)).rejects.toThrow('is cancelled');
  expect(world.table.versions.size).toBe(0);
});
