import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../lambdas/domain/fingerprint.ts';
import { describeFingerprintRegistryContract } from '../contract/fingerprint-registry.ts';
import { MemoryFingerprints } from '../support/memory-fingerprints.ts';

describeFingerprintRegistryContract('in memory', () => new MemoryFingerprints(), 'unit');

describe('fingerprint', () => {
  const cause = {
    tenant: 't',
    producer: 'p',
    code: 'contract-violation',
    type: 'a',
    schema: 1,
    place: '#/x',
  } as const;

  it('is the same for the same cause', () => {
    expect(fingerprintOf({ ...cause })).toBe(fingerprintOf(cause));
    expect(fingerprintOf(cause)).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each([
    { tenant: 'u' },
    { producer: 'q' },
    { code: 'too-late' as const },
    { type: 'b' },
    { schema: 2 },
    { place: '#/y' },
  ])('is another where %o differs', (other) => {
    expect(fingerprintOf({ ...cause, ...other })).not.toBe(fingerprintOf(cause));
  });
});
