import { describe, expect, it } from 'vitest';
import type { Meter, Revision } from '../../lambdas/domain/contract.ts';
import { isUnmeasurable, MAX_GROUP_VALUE, measureValues } from '../../lambdas/domain/measure.ts';

const meter = (more: Partial<Meter>): Meter => ({
  ...{ name: 'm', aggregate: 'sum', value: '/value', scale: 2, unit: '1', maxGroups: 5 },
  ...more,
});
const revision = (...meters: Meter[]): Revision => ({ from: '2026-01-01T00:00:00Z', meters });

/** What each part brings, as `meter group units text`. */
const measured = (of: Revision, data: unknown) => {
  const parts = measureValues(of, data);
  if (isUnmeasurable(parts)) throw new Error(parts.detail);
  return parts.map(({ meter: { name }, group, units, text }) => `${name} ${group} ${units} ${text}`);
};
const { value: _, ...countMeter } = meter({ name: 'n', aggregate: 'count' });

describe('what an event brings to its meters', () => {
  it('is in the order of the meters, rounded once, and one for each count', () => {
    const of = revision(meter({ name: 'b' }), countMeter, meter({ name: 'a', scale: 0, aggregate: 'max' }));
    expect(measured(of, { value: 1.005 })).toEqual(['b all 100 1', 'n all 1 1', 'a all 1 1']);
    expect(measured(of, { value: '1.015' })).toEqual(['b all 102 1.02', 'n all 1 1', 'a all 1 1']);
  });

  it('is of each meter’s own value and scale, whatever its neighbours read', () => {
    const of = revision(
      ...['/a', '/b', '/a', '/c', '/a'].map((value, index) =>
        meter({ name: `m${index}`, value, scale: index % 2 }),
      ),
    );
    expect(measured(of, { a: 1.24, b: 2.25, c: '1.24' })).toEqual([
      ...['m0 all 1 1', 'm1 all 22 2.2', 'm2 all 1 1', 'm3 all 12 1.2', 'm4 all 1 1'],
    ]);
    const same = revision(meter({ name: 'm', value: '/a' }), meter({ name: 'n', value: '/b' }));
    expect(measured(same, { a: 1, b: 2 })).toEqual(['m all 100 1', 'n all 200 2']);
  });

  it.each([{}, { value: null }, undefined, null, 'text', []])(
    'is nothing for a meter whose value %j does not carry',
    (data) => {
      expect(measured(revision(meter({}), countMeter), data)).toEqual(['n all 1 1']);
    },
  );

  it('takes values of unique meters as their JSON text, so that 1 and "1" are two', () => {
    const of = revision(meter({ aggregate: 'unique' }));
    expect([1, '1', true, 'ü', 1.0].map((value) => measured(of, { value })[0])).toEqual(
      ['1', '"1"', 'true', '"ü"', '1'].map((text) => `m all 1 ${text}`),
    );
  });

  it('names groups by their dimensions in order, encoded, what is missing as empty', () => {
    const of = revision(meter({ groupBy: { region: '/a/region', tier: '/tier' } }));
    expect(measured(of, { value: 1, a: { region: 'eu' }, tier: 'gold' })).toEqual([
      'm region=eu|tier=gold 100 1',
    ]);
    expect(measured(of, { value: 1, tier: null })).toEqual(['m region=|tier= 100 1']);
    expect(measured(of, { value: 1, a: { region: 'a|b#c%' }, tier: 0 })).toEqual([
      'm region=a%7Cb%23c%25|tier=0 100 1',
    ]);
    expect(measured(of, { value: 1, a: { region: '|tier=gold' } })).toEqual([
      'm region=%7Ctier=gold|tier= 100 1',
    ]);
  });

  it.each<unknown>([1e18, 2 ** 53, 'x', '', true, {}, [], { toString: '1' }])(
    'is refused as a whole where a value is %j',
    (value) => {
      const of = revision(countMeter, meter({ value: '/deep/value' }));
      expect(measureValues(of, { deep: { value } })).toMatchObject({
        code: 'number-out-of-range',
        pointer: '/data/deep/value',
      });
    },
  );

  it('is refused where a dimension is longer than it may be', () => {
    const of = revision(meter({ groupBy: { region: '/region' } }));
    const refusal = measureValues(of, { value: 1, region: 'x'.repeat(MAX_GROUP_VALUE + 1) });
    expect(refusal).toMatchObject({ code: 'group-too-long', pointer: '/data/region' });
    expect(measured(of, { value: 1, region: '%'.repeat(MAX_GROUP_VALUE) })).toHaveLength(1);
  });
});
