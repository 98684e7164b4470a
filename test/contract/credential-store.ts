import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Credential, CredentialStore } from '../../lambdas/domain/credential.ts';

/** A key and what it stands for. */
export type Given = readonly [key: string, credential: Omit<Credential, 'keyId'>];

/** What every store of credentials must do. `make` is given what is to be in it. */
export function describeCredentialStoreContract(
  name: string,
  make: (given: readonly Given[]) => Promise<CredentialStore>,
): void {
  const credential = {
    tenant: 'te#nant|%',
    producer: 'agent é',
    types: ['network.transfer', 'disk.*'],
    scopes: ['events:write'],
    status: 'active',
  } as const;

  describe(`credential store: ${name}`, () => {
    it('finds a credential by the hash of its key, as it was given', async () => {
      const ends = { ...credential, expiresMs: Date.parse('2027-01-01T00:00:00Z') };
      const revoked = { ...credential, status: 'revoked', scopes: [], types: [] } as const;
      const store = await make([
        ['contract-key-1', credential],
        ['contract-key-2', ends],
        ['contract-key-3', revoked],
      ]);
      for (const [key, expected] of [
        ['contract-key-1', credential],
        ['contract-key-2', ends],
        ['contract-key-3', revoked],
      ] as const) {
        const keyHash = hash('sha256', key);
        expect(await store.find(keyHash)).toEqual({ ...expected, keyId: keyHash.slice(0, 12) });
      }
    });

    it('finds nothing for a key that it does not have', async () => {
      const store = await make([]);
      expect(await store.find(hash('sha256', 'contract-key-unknown'))).toBeUndefined();
    });
  });
}
