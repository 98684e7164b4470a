import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Contract, revisionInForce } from '../../lambdas/domain/contract.ts';
import { checkRevisions } from '../../scripts/build/check-revisions.ts';
import { parseJson } from '../../scripts/build/json-source.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-01-01T00:00:00Z');
const at = (hour: number) => new Date(START + hour * HOUR).toISOString().replace('.000', '');

const someRevisions = fc.array(
  fc.record({ hour: fc.nat(4), replaces: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }) }),
  { minLength: 1, maxLength: 6 },
);

describe('P4: whatever list of revisions the build takes, a window has one revision and can be folded again', () => {
  it('leaves no window without one from the first on, and lets the one that began last count', () => {
    let taken = 0;
    fc.assert(
      fc.property(someRevisions, (list) => {
        const written = list.map(({ hour, replaces }) => ({
          from: at(hour),
          ...(replaces !== undefined && { replaces }),
          meters: [{ name: 'events', aggregate: 'count' as const }],
        }));
        const source = parseJson('contract.json', JSON.stringify({ revisions: written }), [])!;
        const { revisions, mistakes } = checkRevisions(source, 'PT1H', written, new Map());
        if (mistakes.length > 0) return;
        taken++;
        const replaced = new Set(list.map(({ replaces }) => replaces));
        const live = list.map(({ hour }, index) => ({ hour, number: index + 1 }));
        const left = live.filter(({ number }) => !replaced.has(number));
        const first = Math.min(...list.map(({ hour }) => hour));
        for (let hour = 0; hour < 6; hour++) {
          const inForce = left.filter((revision) => revision.hour <= hour).sort((a, b) => b.hour - a.hour)[0];
          const found = revisionInForce({ revisions } as unknown as Contract, START + hour * HOUR);
          expect(found).toBe(inForce?.number);
          expect(found === undefined).toBe(hour < first);
        }
      }),
      { numRuns: 20_000 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});
