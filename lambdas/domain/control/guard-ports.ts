import type { Seen } from './track-lag.ts';

/** Alarms, as they stand. */
export interface AlarmStates {
  /** Which of these are in ALARM. What there is no alarm of is none. */
  inAlarm(names: readonly string[]): Promise<readonly string[]>;
}

/** Tiers of producers. */
export interface Tiers {
  /** The producer's; undefined where there is no such producer. */
  of(tenant: string, producer: string): Promise<string | undefined>;
}

/** What guard keeps from one look to the next. */
export interface Sightings {
  read(): Promise<Seen | undefined>;
  write(seen: Seen): Promise<void>;
}
