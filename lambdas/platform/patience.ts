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
export async function patiently<T>(operation: () => Promise<T>, waiting: Waiting): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      const pause = backoffMs(attempt, waiting.random);
      if (!isTransient(error) || waiting.clock.now() + pause >= waiting.deadline) throw error;
      await waiting.sleep(pause);
    }
  }
}

/** Full jitter: anything up to a bound that doubles with each attempt, from 0. */
export function backoffMs(attempt: number, random: Random): number {
  return Math.ceil(random.fraction() * Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16)));
}

const TRANSIENT =
  /Throttl|TooManyRequests|LimitExceeded|ProvisionedThroughput|RequestTimeout|TimeoutError|ServiceUnavailable|InternalServer|InternalFailure|TransactionInProgress|^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)/;

/** Whether the same call may well succeed later: throttling, time-outs, network and server faults. */
export function isTransient(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { name, code, $fault, $retryable, $metadata } = error as {
    name?: string;
    code?: string;
    $fault?: string;
    $retryable?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  return (
    $retryable !== undefined ||
    $fault === 'server' ||
    ($metadata?.httpStatusCode ?? 0) >= 500 ||
    TRANSIENT.test(name ?? '') ||
    TRANSIENT.test(code ?? '')
  );
}
