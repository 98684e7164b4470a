import type { Aggregated, Bucket } from '../bucket.ts';
import { valuesKey } from '../bucket.ts';
import { scaleOf } from '../contract.ts';
import { formatUnits } from '../decimal.ts';
import { digestToHex } from '../digest.ts';
import type { EntryTable } from '../entry-table.ts';
import { ENTRY_BYTES } from '../identity.ts';
import type { FieldDifference, Found } from './difference.ts';
import { addValues, type Folded, type NumberedRevision } from './fold-bucket.ts';
import type { LiveBucket } from './live-bucket.ts';
import type { Review } from './review-bucket.ts';

const MOST_FIELDS = 20;
const MOST_PLACES = 20;

/**
 * What of a bucket is not as the archive says; nothing where all agrees. With a review that knows all that state can
 * hold (the archive has passed a mark later than the look at state), nothing that it finds is an event on its way.
 *
 * @param damaged whether archive objects of the run are lost or changed: then nothing is called extra
 */
export function compareBucket(review: Review, damaged: boolean): readonly Found[] {
  const { live, missing, strange, changed, lines } = review;
  const { key: bucket, found } = live;
  if (!found) return missing.length > 0 ? [{ kind: 'missing-bucket', bucket, events: missing.length }] : [];
  if (!found.head)
    return [{ kind: 'head-unreadable', bucket, why: found.damage ?? 'its attributes are malformed' }];
  const { n } = found.head.bucket;
  if (lines === 0 && n > 0 && !damaged) return [{ kind: 'extra-bucket', bucket, events: n }];
  if (live.missingPage !== undefined) return [{ kind: 'page-missing', bucket, page: live.missingPage }];
  const lost = missingEvents(review);
  if (strange + changed > 0 && damaged) return [...unknownIds(review, damaged), ...lost];
  return [...unknownIds(review, damaged), ...doubledIds(live), ...wrongNumbers(review, lost)];
}

function missingEvents({ live, missing }: Review): readonly Found[] {
  if (missing.length === 0) return [];
  const first = missing
    .slice(0, MOST_PLACES)
    .map(({ shardId, sequence, index }) => `${shardId}:${sequence}:${index}`);
  return [{ kind: 'missing-events', bucket: live.key, events: missing.length, first }];
}

/** What state has counted and the archive does not have, or not with this content. */
export function unknownIds(
  { live: { key: bucket }, strange, strangers, changed }: Review,
  damaged: boolean,
): readonly Found[] {
  // Of an identity with two contents, the one that was counted may have been in what is damaged.
  if (damaged) return strange + changed > 0 ? [{ kind: 'unprovable', bucket, ids: strange + changed }] : [];
  return [
    ...(strange > 0 ? [{ kind: 'extra-ids' as const, bucket, ids: strange, first: strangers }] : []),
    ...(changed > 0 ? [{ kind: 'ids-changed' as const, bucket, ids: changed }] : []),
  ];
}

function doubledIds({ key: bucket, entries, ids }: LiveBucket): readonly Found[] {
  return entries > ids.size ? [{ kind: 'ids-doubled', bucket, ids: entries - ids.size }] : [];
}

function wrongNumbers({ live, own, same }: Review, lost: readonly Found[]): readonly Found[] {
  const bucket = live.key;
  const state = live.found!.head!.bucket;
  const fields = fieldsThatDiffer(state, same!.bucket, own!);
  // What they brought is in the numbers, and only the ids are gone: these events are not missing.
  if (live.ids.size < state.n && fields.some(({ field }) => field === 'digest'))
    return [{ kind: 'ids-missing', bucket, ids: state.n - live.ids.size }];
  if (fields.length > 0)
    return [{ kind: 'aggregates-differ', bucket, fields: fields.slice(0, MOST_FIELDS) }, ...lost];
  const of = valuesThatDiffer(live, same!);
  return of.length > 0 ? [{ kind: 'values-differ', bucket, of }, ...lost] : lost;
}

/** Whether state holds exactly what was folded, in the same numbers. */
export function holdsExactly(live: LiveBucket, folded: Folded, by: NumberedRevision): boolean {
  const state = live.found?.head?.bucket;
  return (
    state?.revision === by.number &&
    fieldsThatDiffer(state, folded.bucket, by).length === 0 &&
    valuesThatDiffer(live, folded).length === 0
  );
}

function fieldsThatDiffer(
  state: Bucket,
  archive: Bucket,
  { revision }: NumberedRevision,
): readonly FieldDifference[] {
  const fields: FieldDifference[] = [];
  const compare = (field: string, one: string | undefined, other: string | undefined) => {
    if (one !== other) fields.push({ field, state: one ?? null, archive: other ?? null });
  };
  compare('n', String(state.n), String(archive.n));
  compare('digest', digestToHex(state.digest), digestToHex(archive.digest));
  compare('first', state.first, archive.first);
  compare('last', state.last, archive.last);
  const scales = new Map(revision.meters.map((meter) => [meter.name, scaleOf(meter)]));
  for (const [meter, group] of meterGroups(state, archive)) {
    const show = (aggregated: Aggregated | undefined) =>
      aggregated && formatUnits(aggregated.units, scales.get(meter) ?? 0);
    const one = state.meters.get(meter)?.get(group);
    const other = archive.meters.get(meter)?.get(group);
    compare(`m.${meter}.${group}`, show(one), show(other));
    compare(`lt.${meter}.${group}`, one?.of, other?.of);
  }
  return fields;
}

/** Every meter and group of either, once. */
export function meterGroups(
  ...buckets: readonly Bucket[]
): readonly (readonly [meter: string, group: string])[] {
  const all = new Map<string, readonly [string, string]>();
  for (const { meters } of buckets) {
    for (const [meter, groups] of meters)
      for (const group of groups.keys()) all.set(valuesKey(meter, group), [meter, group]);
  }
  return [...all.values()];
}

/** Meters and groups of which state holds other values than the events have. */
function valuesThatDiffer(live: LiveBucket, { bucket, chunks }: Folded): readonly string[] {
  const tables = new Map<string, EntryTable>();
  for (const values of [bucket.openValues, ...chunks.map((chunk) => chunk.values)]) addValues(tables, values);
  const differ = new Set<string>();
  const sizes = (name: string) => [tables.get(name)?.size ?? 0, live.values.get(name)?.size ?? 0] as const;
  for (const name of new Set([...tables.keys(), ...live.values.keys()])) {
    const [one, other] = sizes(name);
    if (one !== other) differ.add(name);
  }
  for (const values of [bucket.openValues, ...chunks.map((chunk) => chunk.values)]) {
    for (const [meter, groups] of values) {
      for (const [group, hashes] of groups) {
        const held = live.values.get(valuesKey(meter, group));
        if (!holdsAll(held, hashes)) differ.add(valuesKey(meter, group));
      }
    }
  }
  return [...differ];
}

/** All sixteen bytes of each. */
function holdsAll(table: EntryTable | undefined, hashes: Buffer): boolean {
  for (let at = 0; at < hashes.length; at += ENTRY_BYTES) {
    if (table?.find(hashes, at) !== hashes.readUInt32BE(at + 12)) return false;
  }
  return true;
}
