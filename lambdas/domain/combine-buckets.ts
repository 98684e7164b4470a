import type { Aggregated, ByMeter, Page } from './bucket.ts';
import { type Aggregate, type Meter, scaleOf } from './contract.ts';
import { EntryTable } from './entry-table.ts';
import { isLater } from './evolve.ts';
import type { Head, MetersOf } from './head-item.ts';

/** One meter's aggregate of one group over several buckets. */
export interface Combined {
  readonly meter: string;
  readonly aggregate: Aggregate;
  readonly unit: string;
  readonly group: string;
  readonly units: bigint;
  /** Decimals of `units`. */
  readonly scale: number;
}

/** A bucket with all its hashes of `unique` values, which are needed only where buckets are to be united. */
export interface CombinableBucket {
  readonly head: Head;
  readonly values?: ByMeter<readonly Buffer[]>;
}

interface Running {
  readonly meter: Meter;
  readonly group: string;
  units: bigint;
  scale: number;
  of?: string;
  values?: EntryTable;
}

/**
 * Combines buckets of one subject and type: counts and sums add up, of `min`, `max` and `latest` the extreme is kept,
 * and for `unique` the sets are united. Sorted by meter and group. Where revisions give a name another function or
 * unit, that is another row.
 */
export function combineBuckets(
  buckets: readonly CombinableBucket[],
  metersOf: MetersOf,
): readonly Combined[] {
  const rows = new Map<string, Running>();
  for (const bucket of buckets) {
    const { key, bucket: state } = bucket.head;
    const meters = new Map(metersOf(key.type, state.revision).map((meter) => [meter.name, meter]));
    for (const [name, groups] of state.meters) {
      const meter = meters.get(name);
      if (!meter) throw new RangeError(`revision ${state.revision} of "${key.type}" has no meter "${name}"`);
      for (const [group, aggregated] of groups) {
        const row = JSON.stringify([name, meter.aggregate, meter.unit, group]);
        const before = rows.get(row);
        if (before) combine(before, meter, aggregated, bucket);
        else rows.set(row, start(meter, group, aggregated, bucket));
      }
    }
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => finish(row));
}

function start(meter: Meter, group: string, { units, of }: Aggregated, bucket: CombinableBucket): Running {
  const row: Running = { meter, group, units, scale: scaleOf(meter), ...(of !== undefined && { of }) };
  if (meter.aggregate === 'unique' && bucket.values) {
    row.values = new EntryTable();
    addValues(row, bucket);
  }
  return row;
}

function combine(row: Running, meter: Meter, { units, of }: Aggregated, bucket: CombinableBucket): void {
  const scale = Math.max(row.scale, scaleOf(meter));
  const ours = row.units * 10n ** BigInt(scale - row.scale);
  const theirs = units * 10n ** BigInt(scale - scaleOf(meter));
  row.scale = scale;
  row.units = ours;
  switch (meter.aggregate) {
    case 'min':
      if (theirs < ours) row.units = theirs;
      break;
    case 'max':
      if (theirs > ours) row.units = theirs;
      break;
    case 'latest':
      if (of === undefined || row.of === undefined)
        throw new RangeError(`"${meter.name}" does not say whose value it is`);
      if (isLater(of, row.of)) Object.assign(row, { units: theirs, of });
      break;
    case 'unique':
      addValues(row, bucket);
      break;
    default:
      row.units = ours + theirs;
  }
}

function addValues(row: Running, { head, values }: CombinableBucket): void {
  if (!row.values || !values) {
    throw new RangeError(
      `the values of "${row.meter.name}" in ${head.key.window} are needed to unite buckets`,
    );
  }
  for (const hashes of values.get(row.meter.name)?.get(row.group) ?? []) row.values.addAll(hashes);
}

function finish({ meter, group, units, scale, values }: Running): Combined {
  const { name, aggregate, unit } = meter;
  return { meter: name, aggregate, unit, group, units: values ? BigInt(values.size) : units, scale };
}

/** Whether uniting this bucket with others takes the hashes of its values. */
export function hasUniqueValues({ key, bucket }: Head, metersOf: MetersOf): boolean {
  return metersOf(key.type, bucket.revision).some(
    ({ name, aggregate }) => aggregate === 'unique' && bucket.meters.has(name),
  );
}

/**
 * All hashes of a bucket's `unique` values: those of its open page and of the sealed pages that its chain names.
 * @throws Error where a page of the chain is not among `pages`: a missing page is never an empty one.
 */
export function allValues({ bucket, key }: Head, pages: readonly Page[]): ByMeter<readonly Buffer[]> {
  const byKey = new Map(pages.map((page) => [page.key, page]));
  const all = new Map<string, Map<string, Buffer[]>>();
  const add = (values: ByMeter<Buffer>) => {
    for (const [meter, groups] of values) {
      const known = all.get(meter) ?? new Map<string, Buffer[]>();
      all.set(meter, known);
      for (const [group, hashes] of groups) known.set(group, [...(known.get(group) ?? []), hashes]);
    }
  };
  add(bucket.openValues);
  for (let next = bucket.tail; next !== undefined; ) {
    const page = byKey.get(next);
    if (!page) throw new Error(`bucket ${key.type} ${key.window}: page ${next} is missing from its chain`);
    add(page.values);
    next = page.prev;
  }
  return all;
}
