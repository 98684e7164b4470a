import { hash } from 'node:crypto';
import type { Credential, CredentialStore } from '../../lambdas/domain/credential.ts';

/** A key as the CLI makes them, always the same for the same letter. */
export const keyOf = (letter: string): string => `wk_${letter.repeat(43)}`;

/** Credentials in memory. `down` makes them unreachable; `asked` counts the look-ups. */
export class MemoryCredentials implements CredentialStore {
  down = false;
  asked = 0;
  readonly #byHash = new Map<string, Credential>();

  put(key: string, credential: Partial<Credential> = {}): void {
    const keyHash = hash('sha256', key);
    this.#byHash.set(keyHash, {
      tenant: 'acme',
      producer: 'agent',
      types: ['*'],
      scopes: ['events:write', 'usage:read'],
      status: 'active',
      keyId: keyHash.slice(0, 12),
      ...credential,
    });
  }

  async find(keyHash: string): Promise<Credential | undefined> {
    this.asked += 1;
    if (this.down) throw new Error('the control table is down');
    return this.#byHash.get(keyHash);
  }
}
