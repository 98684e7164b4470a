import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BucketKey } from '../../lambdas/domain/bucket.ts';
import { AckAccount } from '../../lambdas/domain/recovery/account-acks.ts';
import { IdentitySearch } from '../../lambdas/domain/recovery/find-identities.ts';
import { countNumbers, subtract, unite } from '../../lambdas/domain/recovery/number-ranges.ts';

const range = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.nat(8))
  .map(([first, more]) => [first, first + more] as const);
const ranges = fc.array(range, { maxLength: 8 });
const numbersIn = (of: readonly (readonly [number, number])[]) =>
  new Set(
    of.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => first + index)),
  );
const sorted = (of: Iterable<number>) => [...of].sort((a, b) => a - b);

describe('ranges of numbers', () => {
  it('are as sets of numbers are', () => {
    fc.assert(
      fc.property(ranges, ranges, (some, others) => {
        const [all, without] = [unite(some), unite(others)];
        expect(sorted(numbersIn(all))).toEqual(sorted(numbersIn(some)));
        for (let at = 1; at < all.length; at++) expect(all[at]![0]).toBeGreaterThan(all[at - 1]![1] + 1);
        const left = subtract(all, without);
        const expected = [...numbersIn(some)].filter((number) => !numbersIn(others).has(number));
        expect(sorted(numbersIn(left))).toEqual(sorted(expected));
        expect(countNumbers(left)).toBe(expected.length);
      }),
      { numRuns: 300 },
    );
  });
});

describe('F1 acknowledged numbers', () => {
  it('are missing where they are above the smallest seen and in no object, whatever the order of lines', () => {
    const line = fc.record({
      iid: fc.constantFrom('a', 'b'),
      object: fc.constantFrom('o1', 'o2', 'o3'),
      seen: ranges.map(unite),
      acked: ranges.map(unite),
    });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
        const account = new AckAccount();
        for (const { seen, ...rest } of lines)
          account.take({
            ...{ kind: 'ack', seen, ...rest },
            ...(seen.length > 0 && { judgedFrom: seen[0]![0] }),
          });
        const { counts, findings } = account.result();
        let missing = 0;
        for (const iid of ['a', 'b']) {
          const mine = lines.filter((each) => each.iid === iid);
          const seen = numbersIn(mine.flatMap((each) => each.seen));
          const lost = [...numbersIn(mine.flatMap((each) => each.acked))].filter(
            (number) => !seen.has(number) && number > Math.min(...seen),
          );
          missing += lost.length;
          expect(findings.filter(({ where }) => where === `instance ${iid}`)).toHaveLength(
            lost.length > 0 ? 1 : 0,
          );
        }
        expect(counts.ackedMissing).toBe(missing);
      }),
      { numRuns: 300 },
    );
  });

  it('are named with the objects between which they should stand', () => {
    const account = new AckAccount();
    account.take({ kind: 'ack', iid: 'i', object: 'archive/1', seen: [[1, 4]], acked: [], judgedFrom: 1 });
    account.take({ kind: 'ack', iid: 'i', object: 'archive/2', seen: [[7, 9]], acked: [[1, 8]] });
    const [finding] = account.result().findings;
    expect(finding).toMatchObject({ kind: 'acked-missing', where: 'instance i' });
    expect(finding!.detail).toContain('5 to 6 (between 4 in archive/1 and 7 in archive/2)');
  });

  it('of a broken writer, huge as they may be, are reckoned with as ranges', () => {
    const account = new AckAccount();
    const acked = [[1, Number.MAX_SAFE_INTEGER]] as const;
    account.take({ kind: 'ack', iid: 'i', object: 'o', seen: [[1, 1]], acked, judgedFrom: 1 });
    expect(account.result().counts.ackedMissing).toBe(Number.MAX_SAFE_INTEGER - 1);
  });
});

describe('one identity in two buckets', () => {
  it('is found, with all of its buckets, in any order of lines; in one bucket it may come any number of times', () => {
    const line = fc.record({
      identity: fc.constantFrom('00', '11', '22'),
      key: fc
        .constantFrom('2026-11-21T07', '2026-11-21T08', '2026-11-21T09')
        .map((window): BucketKey => ({ tenant: 'acme', subject: 's', type: 't', window })),
      origin: fc.nat(99).map(String),
    });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 10 }), (lines) => {
        const search = new IdentitySearch();
        for (const each of lines) search.take({ kind: 'identity', ...each });
        const { findings, counts } = search.result();
        const windows = Map.groupBy(lines, ({ identity }) => identity);
        const twice = [...windows].filter(([, of]) => new Set(of.map(({ key }) => key.window)).size > 1);
        expect(findings.map(({ where }) => where).sort()).toEqual(
          twice.map(([identity]) => `identity ${identity}`).sort(),
        );
        for (const [identity, of] of twice) {
          const { detail } = findings.find(({ where }) => where.endsWith(identity))!;
          for (const { key } of of) expect(detail).toContain(`acme#s B#t#${key.window} (`);
        }
        expect(counts).toEqual({ identities: windows.size, identitiesTwice: twice.length });
      }),
      { numRuns: 200 },
    );
  });
});
