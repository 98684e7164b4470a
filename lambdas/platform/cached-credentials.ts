import type { Credential, CredentialStore } from '../domain/credential.ts';
import type { Clock } from '../domain/ports.ts';

/** How long a credential is believed, and how long its absence, in ms. So long may a revoked key go on. */
export const FOUND_MS = 60_000;
export const MISSING_MS = 5_000;
const MAX_ENTRIES = 1_000;

/**
 * Remembers what a store said. Found and missing are kept apart, so that a flood of invented keys can't push out the
 * real ones. Failures are not remembered, and nothing outlives its time because of one: revoked must mean revoked.
 */
export class CachedCredentials implements CredentialStore {
  readonly #store: CredentialStore;
  readonly #clock: Clock;
  readonly #found = new Map<string, { readonly credential: Credential; readonly until: number }>();
  readonly #missing = new Map<string, { readonly until: number }>();

  constructor(store: CredentialStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async find(keyHash: string): Promise<Credential | undefined> {
    const now = this.#clock.now();
    const found = this.#found.get(keyHash);
    if (found && found.until > now) return found.credential;
    if ((this.#missing.get(keyHash)?.until ?? 0) > now) return undefined;
    const credential = await this.#store.find(keyHash);
    if (credential) {
      this.#missing.delete(keyHash);
      keep(this.#found, keyHash, { credential, until: now + FOUND_MS });
    } else {
      this.#found.delete(keyHash);
      keep(this.#missing, keyHash, { until: now + MISSING_MS });
    }
    return credential;
  }
}

/** Sets an entry as the newest, and drops the oldest beyond the bound. */
function keep<V>(entries: Map<string, V>, key: string, value: V): void {
  entries.delete(key);
  entries.set(key, value);
  if (entries.size > MAX_ENTRIES) entries.delete(entries.keys().next().value!);
}
