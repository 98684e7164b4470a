import {
  type FingerprintRegistry,
  MAX_FINGERPRINTS,
  overflowFingerprint,
} from '../../lambdas/domain/fingerprint.ts';

/** The registry in memory; `down` makes it unreachable. */
export class MemoryFingerprints implements FingerprintRegistry {
  down = false;
  readonly #sets = new Map<string, Set<string>>();

  async admit(tenant: string, producer: string, fingerprint: string): Promise<string> {
    if (this.down) throw new Error('registry is down');
    const key = JSON.stringify([tenant, producer]);
    const set = this.#sets.get(key) ?? new Set();
    this.#sets.set(key, set);
    if (set.size >= MAX_FINGERPRINTS && !set.has(fingerprint)) return overflowFingerprint(tenant, producer);
    set.add(fingerprint);
    return fingerprint;
  }
}
