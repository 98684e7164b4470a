import type { Bucket } from '../bucket.ts';
import { type Meter, scaleOf } from '../contract.ts';
import { formatUnits } from '../decimal.ts';
import { newBucket } from '../evolve.ts';
import { meterGroups } from './compare-bucket.ts';
import type { Would } from './difference.ts';
import type { NumberedRevision } from './fold-bucket.ts';
import type { Review } from './review-bucket.ts';

/** What a rebuild would change of a bucket's numbers: a row for each meter and group that would be another. */
export function previewBucket({ live, own, all }: Review, by: NumberedRevision): readonly Would[] {
  const before = live.found?.head?.bucket ?? newBucket(by.number, 1);
  const after = all!.bucket;
  const meters = { before: metersOf(own), after: metersOf(by) };
  const rows: Would[] = [];
  for (const [name, group] of meterGroups(before, after)) {
    const old = unitsOf(before, name, group);
    const units = unitsOf(after, name, group);
    const [was, is] = [meters.before.get(name), meters.after.get(name)];
    const scales = { was: was ? scaleOf(was) : 0, is: is ? scaleOf(is) : 0 };
    const scale = Math.max(scales.was, scales.is);
    const [one, other] = [scaled(old, scales.was, scale), scaled(units, scales.is, scale)];
    if (one === other) continue;
    const show = (value: bigint | undefined) => (value === undefined ? null : formatUnits(value, scale));
    rows.push({
      ...{ kind: 'preview', bucket: live.key, meter: name, group },
      ...{ aggregate: (is ?? was)?.aggregate ?? 'unknown', scale, old: show(one), new: show(other) },
      difference: formatUnits((other ?? 0n) - (one ?? 0n), scale),
    });
  }
  return rows;
}

function metersOf(by: NumberedRevision | undefined): ReadonlyMap<string, Meter> {
  return new Map(by?.revision.meters.map((meter) => [meter.name, meter]));
}

function unitsOf(bucket: Bucket, meter: string, group: string): bigint | undefined {
  return bucket.meters.get(meter)?.get(group)?.units;
}

/** In units of a finer scale. */
function scaled(units: bigint | undefined, from: number, to: number): bigint | undefined {
  return units === undefined ? undefined : units * 10n ** BigInt(to - from);
}
