import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeBatches } from '../../cli/send/make-batches.ts';
import type { SendableEvent } from '../../cli/send/read-events.ts';
import { readLines } from '../../cli/send/read-lines.ts';

async function* chunked(bytes: Buffer, cuts: readonly number[]) {
  let from = 0;
  for (const cut of cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b)) {
    yield bytes.subarray(from, cut);
    from = cut;
  }
  yield bytes.subarray(from);
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

const lines = fc.array(
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replace(/[\n\r\t \ufeff]/g, '')),
);
const cuts = fc.array(fc.nat(200), { maxLength: 12 });

describe('P3 no line is lost, joined or changed', () => {
  it('however the stream is cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(lines, cuts, fc.boolean(), async (texts, at, ended) => {
        const bytes = Buffer.from(texts.join('\n') + (ended ? '\n' : ''));
        const read = await collect(readLines(chunked(bytes, at), 1000));
        const expected = bytes.toString().split('\n');
        if (expected.at(-1) === '') expected.pop();
        expect(read.map(({ bytes: line }) => line.toString())).toEqual(expected);
        expect(read.map(({ number }) => number)).toEqual(expected.map((_, index) => index + 1));
      }),
    );
  });

  it('passes over a line that is too long, and none other', async () => {
    const bytes = Buffer.from(`ok\n${'x'.repeat(11)}\n${'y'.repeat(10)}\n`);
    const read = await collect(readLines(chunked(bytes, [4, 9, 14]), 10));
    expect(read.map(({ tooLong, bytes: line }) => (tooLong ? null : line.toString()))).toEqual([
      'ok',
      null,
      'y'.repeat(10),
    ]);
  });

  it('takes a byte order mark, carriage returns and blanks for what they are', async () => {
    const bytes = Buffer.from('\ufeff{"a":1}\r\n\t{"b":" "} \r\n \n');
    const read = await collect(readLines(chunked(bytes, [1, 2]), 100));
    expect(read.map(({ bytes: line }) => line.toString())).toEqual(['{"a":1}', '{"b":" "}', '']);
  });
});

describe('batches', () => {
  const event = (line: number, size: number): SendableEvent => ({
    line,
    id: undefined,
    bytes: Buffer.alloc(size),
  });

  it('hold every event once, in order, within both limits', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 60 }), async (sizes) => {
        const events = sizes.map((size, index) => event(index, size));
        const source = (async function* () {
          yield* events;
        })();
        const limits = { events: 7, bytes: 101, lingerMs: 10_000 };
        const batches = await collect(makeBatches(source, limits));
        expect(batches.flat()).toEqual(events);
        for (const batch of batches) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(7);
          expect(batch.reduce((sum, { bytes }) => sum + bytes.length + 1, 0)).toBeLessThanOrEqual(101);
        }
      }),
    );
  });
});
