import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { QuarantineSample, QuarantineSamples } from '../../lambdas/domain/state-store.ts';

/** Where samples are kept, and the one that is. */
export interface TestedSamples {
  readonly samples: QuarantineSamples;
  find(tenant: string, fingerprint: string): Promise<QuarantineSample | undefined>;
}

/** What every store of samples must do. Fingerprints are fresh in each test. */
export function describeSamplesContract(name: string, make: () => TestedSamples): void {
  const sampleOf = (more: Partial<QuarantineSample> = {}): QuarantineSample => ({
    ...{ tenant: 'con#tract', fingerprint: randomUUID(), code: 'conflict', detail: 'd', producer: 'p' },
    ...{ first: '2026-11-21T09:00:00.000Z', origin: 'o:0', receipt: 'r', input: '{"ü":1}' },
    ...more,
  });

  describe(`quarantine samples: ${name}`, () => {
    it('keeps all of a sample, and what it lacks it lacks', async () => {
      const { samples, find } = make();
      for (const sample of [sampleOf(), sampleOf({ pointer: '/data', type: 'a.b', schema: 2 })]) {
        await samples.keep(sample);
        expect(await find(sample.tenant, sample.fingerprint)).toEqual(sample);
      }
    });

    it('keeps the first one, whoever comes later', async () => {
      const { samples, find } = make();
      const sample = sampleOf();
      await samples.keep(sample);
      await samples.keep({ ...sample, origin: 'o:1' });
      await make().samples.keep({ ...sample, origin: 'o:2' });
      expect(await find(sample.tenant, sample.fingerprint)).toEqual(sample);
    });

    it('P6: of two tenants with one fingerprint keeps both', async () => {
      const { samples, find } = make();
      const sample = sampleOf();
      const other = { ...sample, tenant: 'other', origin: 'o:1' };
      await samples.keep(sample);
      await samples.keep(other);
      expect(await find('con#tract', sample.fingerprint)).toEqual(sample);
      expect(await find('other', sample.fingerprint)).toEqual(other);
    });
  });
}
