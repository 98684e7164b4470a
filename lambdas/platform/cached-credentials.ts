import type { Credential, CredentialStore } from '../domain/credential.ts';
import type { Clock } from '../domain/ports.ts';
import { Remembered } from './remembered.ts';

/** How long a credential is believed, and how long its absence, in ms. So long may a revoked key go on. */
const FOUND_MS = 60_000;
const MISSING_MS = 5_000;

/** Remembers what a store said; revoked means revoked, within a minute, whatever fails. */
export class CachedCredentials implements CredentialStore {
  readonly #remembered: Remembered<Credential>;

  constructor(store: CredentialStore, clock: Clock) {
    const lifetimes = { foundMs: FOUND_MS, missingMs: MISSING_MS };
    this.#remembered = new Remembered((keyHash) => store.find(keyHash), clock, lifetimes);
  }

  find(keyHash: string): Promise<Credential | undefined> {
    return this.#remembered.find(keyHash);
  }
}
