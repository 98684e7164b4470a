import type { Lag } from './signals.ts';

/** How far the projector had come when guard last looked, kept from one look to the next. */
export interface Seen {
  /** RFC 3339, ms. */
  readonly asOf: string;
  /** When guard first saw it further on than before. RFC 3339, ms. @default - never yet */
  readonly movedAt?: string;
  /** How far it was behind since it comes on, the oldest first. @default - it stands still */
  readonly lags?: readonly SeenLag[];
}

interface SeenLag {
  /** RFC 3339, ms. */
  readonly at: string;
  readonly seconds: number;
}

export interface TrackSettings {
  /** Time that may pass between two marks, and until the second is counted: younger than that, nothing says it is behind. */
  readonly markSeconds: number;
  /** How long it may be seen in the same place before it is taken to stand still. */
  readonly stallSeconds: number;
}

/**
 * Parts of `stallSeconds`: how long lags are kept; how long one must have been watched, or have stood in one place, before it
 * is said to stay; how far those that are kept are apart; by how much one is less.
 */
const [KEPT, WATCHED, STOOD, APART, LESS] = [2.5, 1.75, 0.5, 0.1, 0.05];
/** So many are kept, however old: where guard looks seldom beside `stallSeconds`. */
const FEW = 3;

/**
 * The projector's lag, from the moment up to which all is in state, whether that moves, and whether the lag gets no less.
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
  const stood = next.movedAt === undefined ? Infinity : (now - Date.parse(next.movedAt)) / 1000;
  const moves = stood <= stallSeconds;
  if (!moves) return { seen: next, lag: { seconds, moves, stays: false } };
  const lags = withLag(seen?.lags ?? [], seconds, now, stallSeconds);
  const watched = (now - Date.parse(lags[0]!.at)) / 1000;
  const most = Math.max(...lags.map((one) => one.seconds));
  // A slow one is not watched for long at a time, as it seems to stand still; one that catches up passes mark after mark.
  const known = watched >= stallSeconds * WATCHED || stood >= stallSeconds * STOOD;
  const stays = known && seconds > most - stallSeconds * LESS;
  return { seen: { ...next, lags }, lag: { seconds, moves, stays } };
}

/** As many as there may be, however often it is looked. */
function withLag(lags: readonly SeenLag[], seconds: number, now: number, stallSeconds: number) {
  const ago = ({ at }: SeenLag) => (now - Date.parse(at)) / 1000;
  const isYoung = (one: SeenLag, at: number) => ago(one) <= stallSeconds * KEPT || at >= lags.length - FEW;
  const kept = lags.filter((one, at) => ago(one) >= 0 && isYoung(one, at));
  const last = kept.at(-1);
  if (last && ago(last) < stallSeconds * APART) return kept;
  return [...kept, { at: new Date(now).toISOString(), seconds }];
}

/** Going back, as when a shard is split, is no move. */
function nextSeen(seen: Seen | undefined, asOf: string, now: number): Seen {
  if (seen && asOf > seen.asOf) return { asOf, movedAt: new Date(now).toISOString() };
  return { asOf, ...(seen?.movedAt !== undefined && { movedAt: seen.movedAt }) };
}
