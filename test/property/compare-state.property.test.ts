import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BucketKey } from '../../lambdas/domain/bucket.ts';
import type { Item } from '../../lambdas/domain/head-item.ts';
import { bucketOf } from '../../lambdas/domain/keys.ts';
import type { ReconcileRequest } from '../../lambdas/domain/recovery/request.ts';
import { nameOfBucket } from '../../lambdas/domain/recovery/review-bucket.ts';
import { compareState } from '../../lambdas/domain/trace/compare-state.ts';
import { acts, history } from '../support/arbitrary-traffic.ts';
import { RecoveryWorld } from '../support/recovery-world.ts';
import { NO_LIMITS, tracePorts } from '../support/trace-world.ts';

const ask: ReconcileRequest = {
  ...{ verb: 'reconcile', requestId: 'reconcile', operator: 'tests', reason: 'property' },
  ...{ dryRun: false, repair: false, identities: false, rate: 1000, maxLagSeconds: 60 },
};
const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 10 });
/** What may go wrong with a head. */
const harm = fc.constantFrom('nothing', 'gone', 'n', 'digest', 'ids', 'unreadable');

function bucketsIn(world: RecoveryWorld): readonly BucketKey[] {
  return [...world.table.versions.keys()].flatMap((name) => {
    const at = name.lastIndexOf(' ');
    return bucketOf(name.slice(0, at), name.slice(at + 1)) ?? [];
  });
}

function harmOne(world: RecoveryWorld, which: number, how: string): void {
  const heads = [...world.table.versions.keys()].filter((name) => / B#test/.test(name));
  const name = heads[which % heads.length];
  if (name === undefined) return;
  const item = world.table.read(name)!;
  if (how === 'gone') world.table.versions.delete(name);
  else if (how !== 'nothing') world.table.write(name, harmed(item, how));
}

function harmed(item: Item, how: string): Item {
  if (how === 'n') return { ...item, n: { N: String(Number((item.n as { N: string }).N) + 1) } };
  if (how === 'digest') return { ...item, digest: { S: 'ab'.repeat(32) } };
  if (how === 'ids') return { ...item, ids: { B: Buffer.alloc(16, 7) } };
  return { ...item, first: { N: '1' } };
}

const kindsBy = (found: readonly { readonly kind: string; readonly bucket: BucketKey }[]) =>
  found.map(({ kind, bucket }) => `${nameOfBucket(bucket)} ${kind}`).sort();

describe('a bucket beside its archive', () => {
  it('differs where, and as, reconcile finds it', async () => {
    await fc.assert(
      fc.asyncProperty(acts(40, 'e'), sizes, fc.nat(20), harm, async (all, cuts, which, how) => {
        const world = new RecoveryWorld();
        await history(world, all, cuts);
        await world.drain();
        const known = bucketsIn(world);
        harmOne(world, which, how);
        const { differences } = await world.run(ask);
        const found = [];
        for (const key of known) {
          const compared = await compareState(key, NO_LIMITS, tracePorts(world));
          if (compared.kind !== 'compared') throw new Error(compared.kind);
          found.push(...compared.found);
        }
        expect(kindsBy(found)).toEqual(kindsBy(differences.filter(({ kind }) => kind !== 'two-contents')));
      }),
      { numRuns: 40 },
    );
  });

  it('does not differ for what is on its way to projector or archive', async () => {
    await fc.assert(
      fc.asyncProperty(acts(40, 'e'), sizes, async (all, cuts) => {
        const world = new RecoveryWorld();
        await history(world, all, cuts);
        for (const key of bucketsIn(world)) {
          const compared = await compareState(key, NO_LIMITS, tracePorts(world));
          expect(compared).toMatchObject({ kind: 'compared', found: [] });
        }
      }),
      { numRuns: 30 },
    );
  });

  it('is left to a run where it would be too much to read', async () => {
    const world = new RecoveryWorld();
    for (const id of ['a', 'b', 'c']) {
      const time = '2026-11-21T07:00:00Z';
      await world.send([
        { specversion: '1.0', id, source: '/m', type: 'test.sum', subject: 's', time, data: { value: 1 } },
      ]);
      await world.drain();
    }
    const key = { tenant: 'acme', subject: 's', type: 'test.sum', window: '2026-11-21T07' };
    const few = await compareState(key, { ...NO_LIMITS, objects: 2 }, tracePorts(world));
    expect(few).toMatchObject({ kind: 'too-large', objects: 3 });
    expect(await compareState(key, { ...NO_LIMITS, isOver: () => true }, tracePorts(world))).toMatchObject({
      kind: 'too-large',
    });
    const other = await compareState({ ...key, type: 'no.such' }, NO_LIMITS, tracePorts(world));
    expect(other).toEqual({ kind: 'unknown-type' });
  });
});
