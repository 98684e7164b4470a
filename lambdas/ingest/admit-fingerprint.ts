import type { Credential } from '../domain/credential.ts';
import { type FingerprintRegistry, overflowFingerprint } from '../domain/fingerprint.ts';
import type { Sleep } from '../domain/ports.ts';

/** Longest that the registry may hold one request up, in ms: lines are for people, events are for the bill. */
const PATIENCE_MS = 3_000;

/** Gives an input's fingerprint, or the overflow one. */
export type AdmitFingerprint = (fingerprint: string) => Promise<string>;

/**
 * Asks the registry on behalf of one request. Where it does not answer or takes long, over all of the request's inputs,
 * the rest of them share the overflow line: that is coarser, but they are kept all the same (P3). A call that hangs is
 * left behind.
 */
export function createAdmit(
  registry: FingerprintRegistry,
  { tenant, producer }: Credential,
  sleep: Sleep,
): AdmitFingerprint {
  const overflow = overflowFingerprint(tenant, producer);
  let patience: Promise<void> | undefined;
  let over = false;
  return async (fingerprint) => {
    if (over) return overflow;
    patience ??= sleep(PATIENCE_MS).then(() => {
      over = true;
    });
    try {
      return await Promise.race([
        registry.admit(tenant, producer, fingerprint),
        patience.then(() => overflow),
      ]);
    } catch {
      over = true;
      return overflow;
    }
  };
}
