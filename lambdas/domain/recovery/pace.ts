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

/** A round takes this part of the bound at most, or the next one is no larger: twice as much, and what was live meanwhile, fits. */
const GROWS_BELOW = 1 / 3;
/** Longest round, in seconds of the rate. */
const LONGEST_ROUND_SECONDS = 60;

/**
 * How many events may go before all of them must be projected. The lag alone says too late that they are too many: it is that
 * of what went in a while ago, and behind it may stand many times as much. So it begins with a few, and goes on with more as
 * long as the projector has them done soon.
 */
export class Rounds {
  readonly #least: number;
  readonly #most: number;
  readonly #maxSeconds: number;
  #size: number;
  #left: number;

  constructor(rate: number, maxSeconds: number) {
    this.#least = new Pace(rate, 0).chunk;
    this.#most = Math.max(this.#least, rate * LONGEST_ROUND_SECONDS);
    this.#maxSeconds = maxSeconds;
    this.#size = this.#least;
    this.#left = this.#size;
  }

  sent(events: number): void {
    this.#left -= events;
  }

  get isOver(): boolean {
    return this.#left <= 0;
  }

  /** All of the round is projected, so long after its last event. */
  projected(seconds: number): void {
    if (seconds <= this.#maxSeconds * GROWS_BELOW) this.#size = Math.min(this.#most, this.#size * 2);
    else if (seconds > this.#maxSeconds * 2 * GROWS_BELOW) this.#size = Math.max(this.#least, this.#size / 2);
    this.#left = this.#size;
  }
}
