import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EventsEnvelope } from '../../lambdas/domain/envelope.ts';
import { joinEnvelope, MAX_RECORD_BYTES, splitEnvelope } from '../../lambdas/domain/split-envelope.ts';

const draftOf = (payloads: readonly unknown[]) => ({
  tenant: 'tenänt',
  producer: 'p"',
  at: '2026-11-21T07:00:00.000Z',
  receipt: 'r',
  events: payloads.map((data, i) => ({
    schema: 1,
    event: { specversion: '1.0' as const, id: `${i}`, source: '/s', type: 't', subject: 's', data },
  })),
});
const header = { iid: '0011223344556677', build: 'abc', n: 7, acked: [[1, 6]] as const };
const read = (pieces: ReturnType<typeof splitEnvelope>): EventsEnvelope[] =>
  pieces.map((piece) => JSON.parse(joinEnvelope(header, piece)));

it('P3: nothing is lost, order is kept and no record is larger than its bound, whatever the sizes', () => {
  const payload = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.nat(4000).map((n) => 'é'.repeat(n)),
  );
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 40 }), (payloads) => {
      const max = 24 * 1024;
      const pieces = splitEnvelope(draftOf(payloads), max);
      for (const piece of pieces)
        expect(Buffer.byteLength(joinEnvelope(header, piece))).toBeLessThanOrEqual(max);
      const envelopes = read(pieces);
      expect(envelopes.flatMap(({ events }) => events)).toEqual(draftOf(payloads).events);
      expect(
        envelopes.every(({ tenant, producer, n }) => tenant === 'tenänt' && producer === 'p"' && n === 7),
      ).toBe(true);
    }),
  );
});

it('holds the largest event, and splits a body of the largest size', () => {
  const pieces = splitEnvelope(draftOf(Array.from({ length: 8 }, () => 'x'.repeat(512 * 1024))));
  expect(pieces).toHaveLength(8);
  for (const { bytes } of pieces) expect(bytes).toBeLessThan(MAX_RECORD_BYTES);
});

it('keeps the text of numbers that were read with it', () => {
  const raw = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON('9007199254740993');
  const [piece] = splitEnvelope(draftOf([{ bytes: raw }]));
  expect(joinEnvelope(header, piece!)).toContain('"bytes":9007199254740993');
});

it('refuses what no record can hold', () => {
  expect(() => splitEnvelope(draftOf(['x'.repeat(1024 * 1024)]))).toThrow(RangeError);
});
