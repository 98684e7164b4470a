import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLater } from '../../lambdas/domain/evolve.ts';
import { compareInstants, parseInstant } from '../../lambdas/domain/instant.ts';

const YEAR_1 = Date.parse('0001-01-01T00:00:00Z');
const YEAR_9999 = Date.parse('9999-12-30T00:00:00Z');
const two = (value: number) => String(value).padStart(2, '0');

/** A moment in nanoseconds since the epoch, written with any offset and as many decimals as it needs or more. */
const written = fc
  .record({
    second: fc.oneof(
      fc.integer({ min: YEAR_1 / 1000, max: YEAR_9999 / 1000 }),
      fc.integer({ min: -2, max: 2 }),
    ),
    nanos: fc.oneof(fc.nat(999_999_999), fc.constantFrom(0, 1, 10, 500_000_000, 999_999_999, 1_000_000)),
    offset: fc.integer({ min: -1439, max: 1439 }),
    zeros: fc.nat(9),
    zulu: fc.boolean(),
  })
  .map(({ second, nanos, offset, zeros, zulu }) => {
    const minutes = zulu ? 0 : offset;
    const local = new Date((second + minutes * 60) * 1000).toISOString().slice(0, 19);
    const needed = String(nanos).padStart(9, '0').replace(/0+$/, '');
    const decimals = needed.padEnd(Math.max(needed.length, zeros), '0');
    const sign = minutes < 0 ? '-' : '+';
    const away = Math.abs(minutes);
    const zone = zulu ? 'Z' : `${sign}${two(Math.floor(away / 60))}:${two(away % 60)}`;
    return {
      text: `${local}${decimals ? `.${decimals}` : ''}${zone}`,
      nanoseconds: BigInt(second) * 1_000_000_000n + BigInt(nanos),
    };
  });

describe('P2 one moment has one text', () => {
  it('however it was written: same nanoseconds, same text, and the text reads as itself', () => {
    fc.assert(
      fc.property(written, ({ text, nanoseconds }) => {
        const instant = parseInstant(text)!;
        expect(instant.text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z$/);
        expect(parseInstant(instant.text)).toEqual(instant);
        const [whole, fraction = ''] = instant.text.slice(0, -1).split('.');
        const read = BigInt(Date.parse(`${whole}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
        expect(read).toBe(nanoseconds);
        expect(BigInt(instant.ms)).toBe(
          (nanoseconds - (((nanoseconds % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('and their order is the order of nanoseconds', () => {
    // Close moments: the seconds and decimals of few, so that one is often the other's beginning.
    const near = fc
      .constantFrom('', '.0', '.1', '.10', '.09', '.000000001', '.100000001', '.999999999')
      .chain((fraction) =>
        fc
          .constantFrom('58', '59')
          .map((second) => parseInstant(`2026-11-21T07:00:${second}${fraction}Z`)!.text),
      );
    const any = written.map(({ text }) => parseInstant(text)!.text);
    const nanosecondsOf = (text: string) => {
      const [whole, fraction = ''] = text.slice(0, -1).split('.');
      return BigInt(Date.parse(`${whole}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
    };
    const pair = fc.oneof(fc.tuple(near, near), fc.tuple(any, any));
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const difference = nanosecondsOf(a) - nanosecondsOf(b);
        expect(Math.sign(compareInstants(a, b))).toBe(difference < 0n ? -1 : difference > 0n ? 1 : 0);
      }),
      { numRuns: 1000 },
    );
  });

  it('"latest" goes by instant, then by identity, and is a strict order', () => {
    const owner = fc
      .tuple(
        fc.constantFrom('2026-11-21T07:00:00Z', '2026-11-21T07:00:00.5Z', '2026-11-21T06:00:00Z'),
        fc.constantFrom('0a', '0b', 'ff'),
      )
      .map(([instant, identity]) => `${instant}|${identity}`);
    fc.assert(
      fc.property(owner, owner, (a, b) => {
        expect([isLater(a, b), isLater(b, a)].filter(Boolean)).toHaveLength(a === b ? 0 : 1);
        if (isLater(a, b))
          expect(compareInstants(a.split('|')[0]!, b.split('|')[0]!)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('no text whatever throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789-:.+TZtz ') }), (text) => {
        parseInstant(text);
      }),
    );
  });
});
