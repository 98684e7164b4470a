import fc from 'fast-check';
import type { Aggregated, Bucket, BucketKey } from '../../lambdas/domain/bucket.ts';
import type { Aggregate, Meter } from '../../lambdas/domain/contract.ts';
import type { Head } from '../../lambdas/domain/head-item.ts';
import { ENTRY_BYTES } from '../../lambdas/domain/identity.ts';
import { headKey } from '../../lambdas/domain/keys.ts';

const MOST_UNITS = 10n ** 38n - 1n;
const AGGREGATES: readonly Aggregate[] = ['count', 'sum', 'min', 'max', 'latest', 'unique'];

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
/** Entries that differ, cheaply: a run of bytes that begins anywhere. */
const entries = (most: number) =>
  fc
    .tuple(fc.nat(most), fc.nat(255))
    .map(([count, start]) =>
      Buffer.from(Uint8Array.from({ length: count * ENTRY_BYTES }, (_, at) => start + at * 7)),
    );
const name = fc.stringMatching(/^[a-z]{1,12}$/);
const group = fc.oneof(
  fc.constant('all'),
  fc
    .tuple(fc.constantFrom('region', 'tier'), fc.string({ unit: 'grapheme', maxLength: 30 }))
    .map((pair) => pair.join('=')),
);

export const aMeter: fc.Arbitrary<Meter> = fc
  .record({ name, aggregate: fc.constantFrom(...AGGREGATES), scale: fc.nat(9) })
  .map((meter) => ({
    ...meter,
    unit: '1',
    maxGroups: 50,
    ...(meter.aggregate !== 'count' && { value: '/value' }),
  }));

export const aBucketKey: fc.Arbitrary<BucketKey> = fc.record({
  tenant: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  subject: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  type: fc.constantFrom('network.transfer', 'a#b', 'weir.quarantine'),
  window: fc.constantFrom('2026-11-21', '2026-11-21T07', '2026-11-21T07:15'),
});

const byGroup = <T>(value: fc.Arbitrary<T>, most: number) =>
  fc
    .uniqueArray(fc.tuple(group, value), { minLength: 1, maxLength: most, selector: ([key]) => key })
    .map((pairs) => new Map(pairs));

function aggregatedOf(meter: Meter): fc.Arbitrary<Aggregated> {
  const units = fc.bigInt({ min: meter.aggregate === 'unique' ? 0n : -MOST_UNITS, max: MOST_UNITS });
  if (meter.aggregate !== 'latest') return fc.record({ units });
  return fc.record({ units, of: fc.stringMatching(/^2026-11-21T07:00:00Z\|[0-9a-f]{24}$/) });
}

/** Any bucket of these meters, within what an item can hold. */
export function aBucketOf(meters: readonly Meter[], key: BucketKey): fc.Arbitrary<Bucket> {
  const aggregates = fc.tuple(...meters.map((meter) => byGroup(aggregatedOf(meter), 4)));
  const unique = meters.filter(({ aggregate }) => aggregate === 'unique');
  const values = fc.tuple(
    ...unique.map(() =>
      byGroup(
        entries(6).filter(({ length }) => length > 0),
        3,
      ),
    ),
  );
  return fc
    .record({
      epoch: fc.integer({ min: 1, max: 1000 }),
      n: fc.nat(),
      aggregates,
      digest: bytes(32),
      open: entries(70),
      values: fc.option(values, { nil: undefined }),
      tail: fc.option(fc.stringMatching(/^[0-9a-f]{24}$/), { nil: undefined }),
    })
    .map(({ epoch, n, aggregates: maps, digest, open, values: hashes, tail }) => ({
      ...{
        epoch,
        n,
        revision: 1,
        open,
        first: '2026-11-21T07:00:00Z',
        last: '2026-11-21T07:59:59.999999999Z',
      },
      meters: new Map(meters.map((meter, index) => [meter.name, maps[index]!])),
      digest: Float64Array.from({ length: 8 }, (_, lane) => Buffer.from(digest).readUInt32BE(lane * 4)),
      openValues: new Map(hashes ? unique.map((meter, index) => [meter.name, hashes[index]!]) : []),
      ...(tail !== undefined && { tail: `P${headKey(key.type, key.window).slice(1)}#${epoch}#${tail}` }),
    }));
}

export interface StoredHead {
  readonly head: Head;
  readonly meters: readonly Meter[];
}

/** A head, with the meters of its revision. */
export const aHead: fc.Arbitrary<StoredHead> = fc
  .tuple(aBucketKey, fc.uniqueArray(aMeter, { maxLength: 4, selector: (meter) => meter.name }))
  .chain(([key, meters]) =>
    fc
      .record({ v: fc.integer({ min: 1, max: 10 ** 9 }), bucket: aBucketOf(meters, key) })
      .map(({ v, bucket }) => ({
        head: { key, v, bucket, upTo: 'shardId-000000000000:1', touched: 'acme#2026-11#0' },
        meters,
      })),
  );
