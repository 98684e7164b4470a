import type { MetricQuery } from '../domain/metric-reader.ts';
import type { Looks, WatchPorts } from '../domain/watch/ports.ts';
import { type Counted, type Gap, type Total, telemetryGap } from '../domain/watch/telemetry.ts';
import { mapAtMost } from '../platform/map-at-most.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Metrics of a moment are all there so long after it, in ms. */
const SETTLED_MS = 15 * MINUTE_MS;
/** Totals that are further apart are not compared: one-minute sums would be too many. */
const FURTHEST_MS = 6 * HOUR_MS;
/** After its manifest entry, a batch's metrics come within this, in ms. */
const FLUSHED_MS = 2 * MINUTE_MS;
/** Shards whose heads are read at the same time. */
const READERS = 8;

type Telemetry = NonNullable<Looks['telemetry']>;

export interface Compared {
  readonly gap: Gap;
  readonly from: Total;
  readonly to: Total;
  readonly counted: Counted;
}

/**
 * Takes the archive's total once an hour, and compares the last two of them with the metrics of the time between when those are
 * all there.
 * @returns what was found, in the hour's one look that compares
 */
export async function watchTelemetry(
  ports: Pick<WatchPorts, 'clock' | 'store' | 'metrics' | 'manifest'>,
  namespace: string,
  known: Telemetry = { totals: [], comparedTo: 0 },
): Promise<Compared | undefined> {
  const now = ports.clock.now();
  const [from, last] = lastTwo(known.totals);
  if (from && last && known.comparedTo < last.at && now - last.at >= SETTLED_MS) {
    const tooFar = last.at - from.at > FURTHEST_MS;
    const compared = tooFar ? undefined : await compare(ports.metrics, namespace, from, last);
    await ports.store.note('telemetry', { ...known, comparedTo: last.at });
    return compared;
  }
  if (!last || Math.floor(last.at / HOUR_MS) < Math.floor(now / HOUR_MS)) {
    const total = { at: now, events: await archivedTotal(ports.manifest) };
    await ports.store.note('telemetry', { ...known, totals: [...(last ? [last] : []), total] });
  }
  return undefined;
}

function lastTwo(totals: readonly Total[]): readonly [Total | undefined, Total | undefined] {
  return [totals.at(-2), totals.at(-1)];
}

async function archivedTotal(manifest: WatchPorts['manifest']): Promise<number> {
  const heads = await mapAtMost(READERS, await manifest.shards(), ({ shardId }) => manifest.head(shardId));
  return heads.reduce((sum, head) => sum + (head?.events ?? 0), 0);
}

async function compare(
  metrics: WatchPorts['metrics'],
  namespace: string,
  from: Total,
  to: Total,
): Promise<Compared> {
  const sums = (names: readonly MetricQuery[], start: number) =>
    metrics.read(names, Math.floor(start / MINUTE_MS) * MINUTE_MS, to.at + FLUSHED_MS);
  const own = { namespace, periodSeconds: 60, stat: 'Sum' };
  const metric = (service: string, name: string, more: Partial<MetricQuery> = {}): MetricQuery => ({
    ...{ ...own, name, dimensions: { service } },
    ...more,
  });
  const [archived = [], lag = [], resent = [], repaired = []] = await sums(
    [
      metric('archive', 'archivedEvents'),
      metric('archive', 'archiveLag', { stat: 'Maximum' }),
      metric('resend', 'eventsResent'),
      metric('repair', 'repairedRecords'),
    ],
    from.at,
  );
  const longest = lag.reduce((most, { value }) => Math.max(most, value), 0);
  const taken = await sums(
    [
      metric('ingest', 'accepted'),
      metric('normalise', 'deliveries', { dimensions: { service: 'normalise', outcome: 'accepted' } }),
    ],
    // What was archived first may have been taken so long before.
    from.at - Math.min(longest, FURTHEST_MS) - MINUTE_MS,
  );
  const counted = {
    archived: sum(archived),
    accepted: sum(taken.flat()),
    resent: sum(resent) + sum(repaired),
  };
  return { gap: telemetryGap(from, to, counted), from, to, counted };
}

function sum(points: readonly { readonly value: number }[]): number {
  return points.reduce((total, { value }) => total + value, 0);
}
