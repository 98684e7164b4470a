import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sortedForm } from '../../lambdas/domain/webhooks/form.ts';

const ascii = fc.string({ maxLength: 6 });
const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const escaped = (buffer: Buffer) =>
  [...buffer].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

it("signs what Twilio's libraries sign: names sorted, their values sorted, each pair once", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(ascii, ascii), { maxLength: 12 }), (pairs) => {
      const form = new URLSearchParams(pairs);
      const expected = [...new Set(form.keys())]
        .sort()
        .flatMap((name) => [...new Set(form.getAll(name))].sort().map((value) => name + value));
      expect(sortedForm(Buffer.from(form.toString()))?.toString()).toBe(expected.join(''));
    }),
  );
});

it('keeps every byte apart, those that are no UTF-8 too, however they are escaped', () => {
  fc.assert(
    fc.property(bytes, (value) => {
      expect(sortedForm(Buffer.from(`a=${escaped(value)}`))).toEqual(
        Buffer.concat([Buffer.from('a'), value]),
      );
      expect(sortedForm(Buffer.from(`a=${escaped(value).toUpperCase()}`))).toEqual(
        Buffer.concat([Buffer.from('a'), value]),
      );
    }),
  );
});

it('reads any bytes without an error', () => {
  fc.assert(
    fc.property(bytes, (body) => {
      const form = sortedForm(body);
      expect(form === undefined || form.length <= body.length).toBe(true);
    }),
  );
});

it('reads a form whole or not at all: at most a thousand parameters', () => {
  const form = (length: number) => Buffer.from(Array.from({ length }, (_, at) => `a${at}=`).join('&'));
  expect(sortedForm(form(1000))).toBeDefined();
  expect(sortedForm(form(1001))).toBeUndefined();
});
