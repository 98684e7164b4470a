import { describe, expect, it } from 'vitest';
import { type Contract, type Revision, revisionInForce } from '../../lambdas/domain/contract.ts';

const revision = (from: string, replaces?: number): Revision => ({
  from: `${from}T00:00:00Z`,
  meters: [],
  ...(replaces !== undefined && { replaces }),
});
const contract = (...revisions: Revision[]): Contract => ({
  ...{ type: 't', owner: 'o', current: 1, priority: 'standard', bucket: 'PT1H', lateMs: 0, earlyMs: 0 },
  revisions,
});
const inForce = (of: Contract, at: string) => revisionInForce(of, Date.parse(at));

describe('the revision in force', () => {
  const plain = contract(revision('2026-01-01'), revision('2026-03-01'));

  it.each([
    ['2025-12-31T23:00:00Z', undefined],
    ['2026-01-01T00:00:00Z', 1],
    ['2026-02-28T23:00:00Z', 1],
    ['2026-03-01T00:00:00Z', 2],
    ['2030-01-01T00:00:00Z', 2],
  ])('at %s is %s', (at, number) => {
    expect(inForce(plain, at)).toBe(number);
  });

  it('is never one that was replaced, nor a replacement that was', () => {
    const once = contract(...plain.revisions, revision('2026-03-01', 2));
    expect(inForce(once, '2026-04-01T00:00:00Z')).toBe(3);
    expect(inForce(once, '2026-02-01T00:00:00Z')).toBe(1);
    const twice = contract(...once.revisions, revision('2026-03-01', 3));
    expect(inForce(twice, '2026-04-01T00:00:00Z')).toBe(4);
  });

  it('a replacement may begin earlier than what it replaces', () => {
    const early = contract(...plain.revisions, revision('2026-02-01', 2));
    expect(inForce(early, '2026-02-15T00:00:00Z')).toBe(3);
    expect(inForce(early, '2026-01-15T00:00:00Z')).toBe(1);
  });

  it('is none where there are no revisions', () => {
    expect(inForce(contract(), '2026-01-01T00:00:00Z')).toBeUndefined();
  });
});
