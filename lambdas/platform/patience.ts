import type { Clock, Random, Sleep } from '../domain/ports.ts';

export interface Waiting {
  readonly clock: Clock;
  readonly random: Random;
  readonly sleep: Sleep;
  /** No try begins after this, ms since the epoch. */
  readonly deadline: number;
}

const FIRST_MS = 50;
const LONGEST_MS = 5_000;

/**
 * Runs an operation until it succeeds, fails for good or the deadline is near, waiting longer each time, with full
 * jitter (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). Waiting inside the invocation
 * keeps an outage from using up the event source mapping's retries.
 */
export async function patiently<T>(
  operation: () => Promise<T>,
  waiting: Waiting,
  mayPass: (error: unknown) => boolean = isTransient,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      const pause = backoffMs(attempt, waiting.random);
      if (!mayPass(error) || waiting.clock.now() + pause >= waiting.deadline) throw error;
      await waiting.sleep(pause);
    }
  }
}

/** Full jitter: anything up to a bound that doubles with each attempt, from 0. */
export function backoffMs(attempt: number, random: Random): number {
  return Math.ceil(random.fraction() * Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16)));
}

const NETWORK =
  /Throttl|TooManyRequests|LimitExceeded|ProvisionedThroughput|TransactionInProgress|RequestTimeout|TimeoutError|ServiceUnavailable|InternalServer|InternalFailure|^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)/;
/** What a service says of the request itself: no waiting makes it a better one. */
const LASTING = new Set([
  'ConditionalCheckFailedException',
  'ValidationException',
  'SerializationException',
  'ItemCollectionSizeLimitExceededException',
]);

/**
 * Whether the same call may well succeed later: throttling, time-outs, network and server faults, and whatever else a
 * service refuses that is not the request's own fault. A permission, a key or a table that is not there is put right by
 * somebody; until then an event source mapping's retries are better not used up.
 */
export function isTransient(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { name = '', code = '', $metadata } = error as { name?: string; code?: string; $metadata?: object };
  if (LASTING.has(name)) return false;
  return $metadata !== undefined || NETWORK.test(name) || NETWORK.test(code);
}
