import { describe, expect, it } from 'vitest';
import {
  type FingerprintRegistry,
  fingerprintOf,
  MAX_FINGERPRINTS,
  overflowFingerprint,
} from '../../lambdas/domain/fingerprint.ts';

const causes = (tenant: string, producer: string, count: number) =>
  Array.from({ length: count }, (_, i) =>
    fingerprintOf({ tenant, producer, code: 'unknown-type', type: `type.${i}` }),
  );

/** What every registry of fingerprints must do. `make` is called for each test; `run` keeps runs apart. */
export function describeFingerprintRegistryContract(
  name: string,
  make: () => FingerprintRegistry,
  run: string,
): void {
  describe(`fingerprint registry: ${name}`, () => {
    it('admits a cause, and admits it again', async () => {
      const registry = make();
      const [cause] = causes(`t#1 ${run}`, 'p', 1);
      expect(await registry.admit(`t#1 ${run}`, 'p', cause!)).toBe(cause);
      expect(await registry.admit(`t#1 ${run}`, 'p', cause!)).toBe(cause);
    });

    it('puts what is beyond the cap on one line, and keeps the lines that were there', async () => {
      const registry = make();
      const all = causes(`t2 ${run}`, 'p', MAX_FINGERPRINTS + 2);
      const admitted: string[] = [];
      for (const cause of all) admitted.push(await registry.admit(`t2 ${run}`, 'p', cause));
      expect(admitted.slice(0, MAX_FINGERPRINTS)).toEqual(all.slice(0, MAX_FINGERPRINTS));
      expect(admitted.slice(MAX_FINGERPRINTS)).toEqual(Array(2).fill(overflowFingerprint(`t2 ${run}`, 'p')));
      expect(await registry.admit(`t2 ${run}`, 'p', all[7]!)).toBe(all[7]);
    });

    it('caps each producer by itself', async () => {
      const registry = make();
      for (const cause of causes(`t3 ${run}`, 'p', MAX_FINGERPRINTS))
        await registry.admit(`t3 ${run}`, 'p', cause);
      const [other] = causes(`t3 ${run}`, 'q', 1);
      expect(await registry.admit(`t3 ${run}`, 'q', other!)).toBe(other);
    });
  });
}
