import type { Credential } from '../domain/credential.ts';
import { type FingerprintRegistry, overflowFingerprint } from '../domain/fingerprint.ts';
import type { Clock } from '../domain/ports.ts';

/** Longest that the registry may hold one request up, in ms: lines are for people, events are for the bill. */
const PATIENCE_MS = 3_000;

/** Gives an input's fingerprint, or the overflow one. */
export type AdmitFingerprint = (fingerprint: string) => Promise<string>;

/**
 * Asks the registry on behalf of one request. Where it does not answer or takes long, the rest of the request's inputs
 * share the overflow line: that is coarser, but they are kept all the same (P3).
 */
export function createAdmit(
  registry: FingerprintRegistry,
  { tenant, producer }: Credential,
  clock: Clock,
): AdmitFingerprint {
  let until = clock.now() + PATIENCE_MS;
  return async (fingerprint) => {
    if (clock.now() < until) {
      try {
        return await registry.admit(tenant, producer, fingerprint);
      } catch {
        until = 0;
      }
    }
    return overflowFingerprint(tenant, producer);
  };
}
