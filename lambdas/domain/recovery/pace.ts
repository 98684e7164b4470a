/** What may go at once after a pause, in seconds of the rate. */
const BURST_SECONDS = 1;

/**
 * A token bucket that is empty at first: over any span of t seconds no more than `rate` × (t + 1) events go, or one
 * where that is less than one. Whoever takes them waits as long as it says, and then sends.
 */
export class Pace {
  readonly #rate: number;
  readonly #burst: number;
  #tokens = 0;
  #atMs: number;

  /** @param rate events a second, above 0 */
  constructor(rate: number, nowMs: number) {
    this.#rate = rate;
    this.#burst = Math.max(1, rate * BURST_SECONDS);
    this.#atMs = nowMs;
  }

  /** Takes so many events out, and says how long to wait before they are sent, in ms. */
  take(events: number, nowMs: number): number {
    const passedMs = Math.max(0, nowMs - this.#atMs);
    this.#atMs = Math.max(this.#atMs, nowMs);
    this.#tokens = Math.min(this.#burst, this.#tokens + (passedMs * this.#rate) / 1000) - events;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1000) / this.#rate);
  }

  /** Events to send at once, so that no pause is much longer than a second. */
  get chunk(): number {
    return Math.max(1, Math.min(MAX_CHUNK, Math.floor(this.#burst)));
  }
}

const MAX_CHUNK = 500;

/** The share of a run's rate that each of its workers has. */
export function shareOf(rate: number, workers: number): number {
  return rate / Math.max(1, workers);
}

/** The projector has to come down to this part of the bound before what stopped goes on: else each chunk would stop it. */
const RESUME_AT = 0.5;

/** Stops what is sent again while the live projector is too far behind. */
export class LagGate {
  readonly #maxSeconds: number;
  #open = true;

  constructor(maxSeconds: number) {
    this.#maxSeconds = maxSeconds;
  }

  /** @param lagSeconds how far the projector is behind; undefined where nothing can be said, which stops as well */
  mayGo(lagSeconds: number | undefined): boolean {
    const bound = this.#open ? this.#maxSeconds : this.#maxSeconds * RESUME_AT;
    this.#open = lagSeconds !== undefined && lagSeconds <= bound;
    return this.#open;
  }
}
