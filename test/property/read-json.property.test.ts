import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readBatched } from '../../lambdas/domain/read-cloudevents.ts';
import { elementTexts, findFlaw, readExactly } from '../../lambdas/domain/read-json.ts';

const spaced = fc.constantFrom('', ' ', '\n\t ');
/** JSON texts with spaces, escapes, and numbers that JavaScript would write otherwise. */
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc
    .tuple(
      spaced,
      fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom(
          'null',
          'true',
          '1.0',
          '-0',
          '1e2',
          '1E-7',
          '0.10',
          '123456789012345678901',
          '0.1000000000000000055',
        ),
        fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
        fc.constantFrom('"\\u0061[{,"', '"\\\\"', '"\\""', '"]1e5"', '":12345678901234567"'),
        fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join()}]`),
        fc
          .array(fc.tuple(fc.string(), tie('value')), { maxLength: 4 })
          .map((pairs) => `{${pairs.map(([key, inner]) => `${JSON.stringify(key)}:${inner}`).join()}}`),
      ),
      spaced,
    )
    .map((parts) => parts.join('')),
}));

it('cuts an array into the texts of its elements', () => {
  fc.assert(
    fc.property(fc.array(value), spaced, (items, space) => {
      expect(elementTexts(`${space}[${items.join()}]${space}`)).toEqual(items.length === 0 ? [] : items);
    }),
  );
});

it('reads numbers with their text, and everything else as JSON.parse does', () => {
  fc.assert(
    fc.property(value, (text) => {
      const written = JSON.stringify(readExactly(text));
      expect(JSON.parse(written)).toEqual(JSON.parse(text));
      const numbers = (json: string) =>
        json.replace(/"(?:[^"\\]|\\.)*"/g, '""').match(/-?\d[\d.eE+-]*/g) ?? [];
      // Of duplicate keys only the last is left, and keys that look like integers come first.
      if (!text.includes('{')) expect(numbers(written)).toEqual(numbers(text));
    }),
  );
});

it('of a batch reads each item as if it came alone, plainly and exactly', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 6 }), (items) => {
      const read = readBatched(`[${items.join()}]`);
      expect(read.map(({ plain }) => plain)).toEqual(items.map((text) => JSON.parse(text)));
      for (const [index, { exact, plain }] of read.entries()) {
        expect(JSON.stringify(JSON.parse(JSON.stringify(exact)))).toEqual(JSON.stringify(plain));
        if (/^\s*-?\d{16,}\s*$/.test(items[index]!)) expect(JSON.stringify(exact)).toBe(items[index]!.trim());
      }
    }),
  );
});

it('finds a flaw exactly where JSON can not be written out and read back, or is too deep', () => {
  const text = fc.oneof(fc.string(), fc.constantFrom('\ud800', 'a\udc00', '😀', '\ude00\ud83d'));
  const { node } = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'medium' },
      text,
      fc.double(),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(text, tie('node'), { maxKeys: 3 }),
    ),
  }));
  const isSound = (value: unknown): boolean => {
    if (typeof value === 'string') return value.isWellFormed();
    if (typeof value === 'number') return Number.isFinite(value);
    return Object.entries(value as object).every(([key, inner]) => key.isWellFormed() && isSound(inner));
  };
  fc.assert(
    fc.property(node, (value) => {
      expect(findFlaw(value, true) === undefined).toBe(isSound(value));
    }),
  );
});
