import type { Clock } from '../domain/ports.ts';

/** How long, in ms, what was found and what was missing is believed. */
export interface Lifetimes {
  readonly foundMs: number;
  readonly missingMs: number;
}

const MAX_ENTRIES = 1_000;

/**
 * Remembers what a look-up said. Found and missing are kept apart, so that a flood of invented keys can't push out the
 * real ones. Failures are not remembered, and nothing outlives its time because of one.
 */
export class Remembered<V> {
  readonly #find: (key: string) => Promise<V | undefined>;
  readonly #clock: Clock;
  readonly #lifetimes: Lifetimes;
  readonly #found = new Map<string, { readonly value: V; readonly at: number }>();
  readonly #missing = new Map<string, { readonly at: number }>();
  readonly #underWay = new Map<string, Promise<V | undefined>>();

  constructor(find: (key: string) => Promise<V | undefined>, clock: Clock, lifetimes: Lifetimes) {
    this.#find = find;
    this.#clock = clock;
    this.#lifetimes = lifetimes;
  }

  /** @param maxAgeMs What was found is believed for this long only. @default - the lifetime of what was found */
  async find(key: string, maxAgeMs: number = this.#lifetimes.foundMs): Promise<V | undefined> {
    const now = this.#clock.now();
    const found = this.#found.get(key);
    if (found && now - found.at < maxAgeMs) return found.value;
    const missing = this.#missing.get(key);
    if (missing && now - missing.at < this.#lifetimes.missingMs) return undefined;
    // A batch that needs one thing ten times asks for it once.
    const underWay = this.#underWay.get(key) ?? this.#look(key, now);
    this.#underWay.set(key, underWay);
    return underWay.finally(() => this.#underWay.delete(key));
  }

  async #look(key: string, now: number): Promise<V | undefined> {
    const value = await this.#find(key);
    if (value === undefined) {
      this.#found.delete(key);
      keep(this.#missing, key, { at: now });
    } else {
      this.#missing.delete(key);
      keep(this.#found, key, { value, at: now });
    }
    return value;
  }
}

/** Sets an entry as the newest, and drops the oldest beyond the bound. */
function keep<V>(entries: Map<string, V>, key: string, value: V): void {
  entries.delete(key);
  entries.set(key, value);
  if (entries.size > MAX_ENTRIES) entries.delete(entries.keys().next().value!);
}
