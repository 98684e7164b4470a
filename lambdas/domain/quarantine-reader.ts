import type { QuarantineSample } from './state-store.ts';

/** How many inputs one cause has kept out, on one day (UTC) of their arrival. */
export interface DayCount {
  readonly day: string;
  readonly count: number;
  /** When the first and the last of the day were received. */
  readonly first: string;
  readonly last: string;
}

/** The latest run that sent what is held under a cause again. */
export interface Redriven {
  readonly requestId: string;
  readonly at: string;
  /** How much of it. */
  readonly events: number;
}

/** A sample as it is kept. */
export interface Sample extends QuarantineSample {
  readonly redriven?: Redriven;
}

/** One cause: its sample, and exact counts. */
export interface Cause extends Sample {
  readonly days: readonly DayCount[];
  readonly count: number;
  /** When the latest was received. */
  readonly last: string;
}

/** Quarantine, for those who look at it. */
export interface QuarantineReader {
  /** A tenant's samples, one a cause, whose fingerprints begin with `prefix`. */
  samples(tenant: string, prefix?: string): AsyncIterable<readonly Sample[]>;
  /** A cause's counts in the order of days. */
  days(of: Pick<Sample, 'tenant' | 'fingerprint'>): Promise<readonly DayCount[]>;
}

/** A cause of its sample and its days. */
export function causeOf(sample: Sample, days: readonly DayCount[]): Cause {
  const last = days.at(-1)?.last ?? sample.first;
  return { ...sample, days, last, count: days.reduce((sum, { count }) => sum + count, 0) };
}
