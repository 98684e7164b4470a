import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BucketSize } from '../../lambdas/domain/contract.ts';
import { windowLength, windowName, windowOf, windowStart } from '../../lambdas/domain/window.ts';

const at = (text: string) => Date.parse(text);

describe('the window of a moment', () => {
  it.each<[BucketSize, string, string, string, string]>([
    ['PT15M', '2026-11-21T07:44:59.999Z', '2026-11-21T07:30', '2026-11-21T07:30:00Z', '2026-11-21T07:45:00Z'],
    ['PT15M', '2026-11-21T07:45:00.000Z', '2026-11-21T07:45', '2026-11-21T07:45:00Z', '2026-11-21T08:00:00Z'],
    ['PT30M', '2026-11-21T07:44:59.999Z', '2026-11-21T07:30', '2026-11-21T07:30:00Z', '2026-11-21T08:00:00Z'],
    ['PT30M', '2026-11-21T07:00:00.000Z', '2026-11-21T07:00', '2026-11-21T07:00:00Z', '2026-11-21T07:30:00Z'],
    ['PT1H', '2026-11-21T07:59:59.999Z', '2026-11-21T07', '2026-11-21T07:00:00Z', '2026-11-21T08:00:00Z'],
    ['PT1H', '2026-11-21T08:00:00.000Z', '2026-11-21T08', '2026-11-21T08:00:00Z', '2026-11-21T09:00:00Z'],
    ['P1D', '2026-12-31T23:59:59.999Z', '2026-12-31', '2026-12-31T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['P1D', '2024-02-29T00:00:00.000Z', '2024-02-29', '2024-02-29T00:00:00Z', '2024-03-01T00:00:00Z'],
    ['PT1H', '1969-12-31T23:59:59.999Z', '1969-12-31T23', '1969-12-31T23:00:00Z', '1970-01-01T00:00:00Z'],
  ])('of %s at %s is %s', (size, moment, name, start, end) => {
    expect(windowOf(size, at(moment))).toEqual({ name, startMs: at(start), endMs: at(end) });
  });

  it('holds the moment, has its length, and is found again by its name', () => {
    const moment = fc.integer({ min: at('0000-01-02T00:00:00Z'), max: at('9999-12-31T00:00:00Z') });
    const size = fc.constantFrom<BucketSize>('PT15M', 'PT30M', 'PT1H', 'P1D');
    fc.assert(
      fc.property(size, moment, (length, ms) => {
        const { name, startMs, endMs } = windowOf(length, ms);
        expect(startMs <= ms && ms < endMs).toBe(true);
        expect(endMs - startMs).toBe(windowLength(length));
        expect(windowStart(name)).toBe(startMs);
        expect(windowName(length, startMs)).toBe(name);
        expect(windowOf(length, endMs - 1).name).toBe(name);
        expect(windowOf(length, endMs).name).not.toBe(name);
      }),
      { numRuns: 500 },
    );
  });

  it('names of one size sort as their times', () => {
    const moment = fc.integer({ min: 0, max: at('9999-12-31T00:00:00Z') });
    fc.assert(
      fc.property(fc.constantFrom<BucketSize>('PT15M', 'PT1H', 'P1D'), moment, moment, (size, a, b) => {
        const [one, other] = [windowOf(size, a), windowOf(size, b)];
        expect(one.name < other.name).toBe(one.startMs < other.startMs);
      }),
    );
  });

  it.each([
    '',
    '2026',
    '2026-11',
    '2026-13-01',
    '2026-02-30',
    '2026-11-21T24',
    '2026-11-21T7',
    '2026-11-21T07:60',
    '2026-11-21T07:00:00Z',
    'x',
    'Mon 12',
    'Jan 1 2026',
  ])('%j names none', (name) => {
    expect(windowStart(name)).toBeNaN();
  });
});
