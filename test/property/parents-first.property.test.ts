import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parentsFirst } from '../../lambdas/domain/recovery/parents-first.ts';

const shards = (parentsOf: readonly (readonly number[])[]) =>
  parentsOf.map((parents, index) => ({ shardId: `s${index}`, parents: parents.map((each) => `s${each}`) }));
const numbers = fc.array(fc.nat(14), { maxLength: 3 });

describe('shards, parents first', () => {
  it('are all there once, each after those parents that are listed, in whatever order they are', () => {
    const older = fc
      .array(numbers, { maxLength: 12 })
      // A parent is older than its child, or is not listed.
      .map((all) => all.map((parents, index) => parents.filter((each) => each < index || each > 12)));
    fc.assert(
      fc.property(
        older.chain((all) => fc.shuffledSubarray(shards(all), { minLength: all.length })),
        (listed) => {
          const ordered = parentsFirst(listed);
          expect(new Set(ordered)).toEqual(new Set(listed));
          expect(ordered).toHaveLength(listed.length);
          const at = new Map(ordered.map(({ shardId }, index) => [shardId, index]));
          for (const [index, { parents }] of ordered.entries())
            for (const parent of parents) expect(at.get(parent) ?? -1).toBeLessThan(index);
        },
      ),
    );
  });

  it('come to an end where somebody has made a circle of them, all there once', () => {
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 12 }), (all) => {
        const listed = shards(all);
        expect(parentsFirst(listed).toSorted((a, b) => (a.shardId < b.shardId ? -1 : 1))).toEqual(
          listed.toSorted((a, b) => (a.shardId < b.shardId ? -1 : 1)),
        );
      }),
    );
  });
});
