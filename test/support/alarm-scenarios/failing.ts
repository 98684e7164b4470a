import type { Heard } from './watch.ts';
import { during, type Scenario } from './world.ts';

/**
 * A failure, how it shows in metrics, for how many minutes it is watched, and who hears of it when. Tickets of three
 * days come at three past the hour, when their windows are looked at.
 */
export type Failing = readonly [name: string, scenario: Scenario, minutes: number, heard: Heard];

export const FOREVER = Number.POSITIVE_INFINITY;
export const DAY = 24 * 60;

/** Trouble begins at the end of minute 9: it is heard of so many minutes later. */
export const from10 = (until: number, what: Parameters<typeof during>[2]): Scenario =>
  during(10, until, what);

/** The age of what has not been read since then, in ms. */
export const grows = (minute: number): number => (minute - 9) * 60_000;
