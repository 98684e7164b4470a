/** The archive's total at a moment: all events that manifests hold. */
export interface Total {
  /** ms since the epoch. */
  readonly at: number;
  readonly events: number;
}

/** What metrics say of the time between two totals, a little more on both sides. */
export interface Counted {
  /** Events that the archive has counted. */
  readonly archived: number;
  /** Events that ingest and normalise have taken, from a little earlier on. */
  readonly accepted: number;
  /** What recovery has sent again: nobody took that anew. */
  readonly resent: number;
}

export interface Gap {
  /** Events by the manifest that no metric of the archive counted. */
  readonly archived: number;
  /** Events in the archive that no metric of those who take events counted; 0 where something was sent again. */
  readonly accepted: number;
}

/** Of what is archived, so much may be there twice without being taken twice: the log's answer was lost, and it was written again. */
const DOUBLED_SHARE = 0.01;
const DOUBLED_EVENTS = 10;

/**
 * How much the metrics have missed between two totals. They are summed from before the first to after the second, so what straddles
 * is no gap; a loss smaller than what straddles is not seen.
 */
export function telemetryGap(from: Total, to: Total, counted: Counted): Gap {
  const events = to.events - from.events;
  const doubled = Math.max(DOUBLED_EVENTS, Math.ceil(events * DOUBLED_SHARE));
  const missed = events - counted.accepted;
  return {
    archived: Math.max(0, events - counted.archived),
    accepted: counted.resent > 0 || missed <= doubled ? 0 : missed,
  };
}
