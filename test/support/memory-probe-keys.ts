import type { Credential, CredentialStore } from '../../lambdas/domain/credential.ts';
import { probeCredential } from '../../lambdas/domain/probe.ts';

/** The probe's keys in memory. `down` makes them unreachable. */
export class MemoryProbeKeys implements CredentialStore {
  down = false;
  readonly #ends = new Map<string, number>();

  async find(keyHash: string): Promise<Credential | undefined> {
    const expiresMs = this.#ends.get(keyHash);
    return expiresMs === undefined ? undefined : probeCredential(keyHash, expiresMs);
  }

  async put(keyHash: string, expiresMs: number): Promise<void> {
    if (this.down) throw new Error('the control table is down');
    this.#ends.set(keyHash, expiresMs);
  }
}
