import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodePart,
  encodePart,
  headKey,
  pagePrefix,
  subjectKey,
  touchedKey,
} from '../../lambdas/domain/keys.ts';

/** Text rich in the characters that mean something, and in what their escapes look like. */
const part = fc.oneof(
  fc
    .array(fc.constantFrom('%', '#', '|', '%25', '%23', '%7C', '%7c', '25', 'a', 'ü', ' ', 'B', 'P'), {
      maxLength: 6,
    })
    .map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary' }),
);
const window = fc.constantFrom('2026-11-21', '2026-11-21T07', '2026-11-21T07:15');

describe('P6 no two things share a key', () => {
  it('a part is read back, and holds no separator', () => {
    fc.assert(
      fc.property(part, (text) => {
        expect(decodePart(encodePart(text))).toBe(text);
        expect(encodePart(text)).not.toMatch(/[#|]/);
      }),
      { numRuns: 1000 },
    );
  });

  it('a part without the three characters is itself, for billing to read', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((text) => !/[%#|]/.test(text)),
        (text) => {
          expect(encodePart(text)).toBe(text);
        },
      ),
    );
  });

  it.each<[string, (...parts: string[]) => string]>([
    ['tenants and subjects', (tenant, subject) => subjectKey(tenant!, subject!)],
    ['tenants and months', (tenant) => touchedKey(tenant!, '2026-11', 15)],
  ])('different %s have different keys', (_, keyOf) => {
    fc.assert(
      fc.property(fc.tuple(part, part), fc.tuple(part, part), (one, other) => {
        const same = one[0] === other[0] && (keyOf.length === 1 || one[1] === other[1]);
        expect(keyOf(...one) === keyOf(...other)).toBe(same);
      }),
      { numRuns: 2000 },
    );
  });

  it('a key says which parts made it', () => {
    fc.assert(
      fc.property(part, part, (tenant, subject) => {
        expect(subjectKey(tenant, subject).split('#').map(decodePart)).toEqual([tenant, subject]);
      }),
    );
  });

  it('no bucket finds the pages of another type, window or epoch under its prefix', () => {
    const bucket = fc.tuple(part, window, fc.constantFrom(1, 2, 11, 12));
    fc.assert(
      fc.property(bucket, bucket, fc.stringMatching(/^[0-9a-f]{24}$/), (one, other, random) => {
        const same = one.every((each, index) => each === other[index]);
        expect(`${pagePrefix(...one)}${random}`.startsWith(pagePrefix(...other))).toBe(same);
        expect(headKey(one[0], one[1]).startsWith('P#')).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});
