import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Credential } from '../../lambdas/domain/credential.ts';

/** What every store of the probe's keys must do. */
export interface ProbeKeys {
  find(keyHash: string): Promise<Credential | undefined>;
  put(keyHash: string, expiresMs: number): Promise<void>;
}

export function describeProbeKeysContract(name: string, make: () => ProbeKeys): void {
  describe(`the probe's keys: ${name}`, () => {
    it('makes of a hash the probe and nobody else, until its end (P6)', async () => {
      const keys = make();
      const keyHash = hash('sha256', `wp_${crypto.randomUUID()}`);
      const end = Date.parse('2026-11-21T08:30:00Z');
      expect(await keys.find(keyHash)).toBeUndefined();
      await keys.put(keyHash, end);
      expect(await keys.find(keyHash)).toEqual({
        tenant: 'weir',
        producer: 'probe',
        types: ['weir.probe'],
        scopes: ['events:write', 'usage:read'],
        status: 'active',
        own: true,
        expiresMs: end,
        keyId: keyHash.slice(0, 12),
      });
    });

    it('moves the end of a key that is there', async () => {
      const keys = make();
      const keyHash = hash('sha256', `wp_${crypto.randomUUID()}`);
      await keys.put(keyHash, 1_000);
      await keys.put(keyHash, 2_000);
      expect((await keys.find(keyHash))?.expiresMs).toBe(2_000);
    });
  });
}
