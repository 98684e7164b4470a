import type { Priority } from '../contract.ts';

/**
 * How far shedding has gone, from nothing to all that may ever be shed. `half-standard`: all of `bulk`, and of `standard`
 * every other event. Events of priority `critical` are never shed.
 */
export const LEVELS = ['none', 'bulk', 'half-standard', 'standard'] as const;
export type Level = (typeof LEVELS)[number];

/** One producer held back, whatever the level. */
export interface Held {
  readonly tenant: string;
  readonly producer: string;
  /**
   * `over-budget`: of its events that are not critical this share, above 0 and at most 1, is shed. `suspended`: all that
   * it sends is refused, by an operator's decision.
   */
  readonly how: { readonly kind: 'over-budget'; readonly share: number } | { readonly kind: 'suspended' };
  /** RFC 3339, ms. */
  readonly since: string;
  readonly reason: string;
  readonly by: string;
}

/** A time in which alarms page nobody. */
export interface Maintenance {
  /** RFC 3339; `from` inclusive, `to` exclusive. */
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly by: string;
}

/** What the control plane has decided: one item of the control table, read by ingest every 5 s. */
export interface Control {
  /** Rises with every change; 0 where nothing was ever set. */
  readonly v: number;
  /** `auto`: guard steers level and over-budget producers. `manual`: they stay as an operator has set them. */
  readonly mode: 'auto' | 'manual';
  readonly level: Level;
  readonly held: readonly Held[];
  readonly maintenance: readonly Maintenance[];
  /** When the last step up or down was made, and since when all has been calm: guard goes by them. RFC 3339, ms. */
  readonly steppedAt?: string;
  readonly calmSince?: string;
  /** The last change: who, when, why. */
  readonly by: string;
  readonly at: string;
  readonly reason: string;
}

/** What is in force where nothing was ever set. */
export const NO_CONTROL: Control = {
  v: 0,
  mode: 'auto',
  level: 'none',
  held: [],
  maintenance: [],
  by: 'weir',
  at: '1970-01-01T00:00:00.000Z',
  reason: 'nothing was ever set',
};

/** Share of the events of a priority that a level sheds, 0 to 1. */
export function shareShed(level: Level, priority: Priority): number {
  if (priority === 'critical' || level === 'none') return 0;
  if (priority === 'bulk' || level === 'standard') return 1;
  return level === 'half-standard' ? 0.5 : 0;
}
