import type { Lag } from './signals.ts';

/** How far the projector had come when guard last looked, kept from one look to the next. */
export interface Seen {
  /** RFC 3339, ms. */
  readonly asOf: string;
  /** When guard first saw it further on than before. RFC 3339, ms. @default - never yet */
  readonly movedAt?: string;
}

export interface TrackSettings {
  /** Time that may pass between two marks, and until the second is counted: younger than that, nothing says it is behind. */
  readonly markSeconds: number;
  /** How long it may be seen in the same place before it is taken to stand still. */
  readonly stallSeconds: number;
}

/**
 * The projector's lag, from the moment up to which all is in state, and whether that moves.
 * @param asOf RFC 3339, ms
 * @param now ms since the epoch
 */
export function trackLag(
  seen: Seen | undefined,
  asOf: string,
  now: number,
  { markSeconds, stallSeconds }: TrackSettings,
): { readonly seen: Seen; readonly lag: Lag } {
  const next = nextSeen(seen, asOf, now);
  const seconds = Math.max(0, (now - Date.parse(asOf)) / 1000 - markSeconds);
  const moves = next.movedAt !== undefined && now - Date.parse(next.movedAt) <= stallSeconds * 1000;
  return { seen: next, lag: { seconds, moves } };
}

/** Going back, as when a shard is split, is no move. */
function nextSeen(seen: Seen | undefined, asOf: string, now: number): Seen {
  if (seen && asOf > seen.asOf) return { asOf, movedAt: new Date(now).toISOString() };
  return { asOf, ...(seen?.movedAt !== undefined && { movedAt: seen.movedAt }) };
}
