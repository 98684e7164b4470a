import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../lambdas/domain/recovery/canonical-json.ts';
import type { ShuffleLine } from '../../lambdas/domain/recovery/shuffle.ts';
import { decodeSegment, partitionOf, SegmentEncoder } from '../../lambdas/domain/recovery/shuffle-codec.ts';
import { PartitionReader, ShuffleWriter } from '../../lambdas/platform/shuffle-files.ts';
import { MemoryRunFiles } from '../support/memory-run-files.ts';

const RUN = 'run-1';
const text = fc.oneof(
  fc.constantFrom('acme', 'a', '', '__proto__', 'ü\n"\\', '\ud800', '\u2028'),
  fc.string({ maxLength: 8 }),
);
const key = fc.record({
  tenant: text,
  subject: text,
  type: fc.constantFrom('test.sum', 'weir.quarantine'),
  window: fc.constantFrom('2026-11-21T07', '2026-11-21'),
});
/** What `JSON.parse` may have made of an event's data: with numbers that no double holds. */
const data = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom<unknown>(
    null,
    'null',
    Infinity,
    -Infinity,
    { x: [null, Infinity] },
    { x: 1e300, y: 5e-324 },
  ),
  fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value))),
);
const place = fc.record({
  object: fc.constantFrom('archive/a.gz', 'archive/b.gz'),
  shardId: fc.constantFrom('shardId-000000000000', 'shardId-000000000001'),
  sequence: fc.bigInt({ min: 1n, max: 10n ** 56n }).map(String),
  index: fc.nat(1000),
});
const ranges = fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { maxLength: 4 });
const line: fc.Arbitrary<ShuffleLine> = fc.oneof(
  fc
    .record({ key, place, source: text, id: text, data, replay: fc.option(text), named: fc.option(text) })
    .map(({ place: { object, shardId, sequence, index }, named, replay, ...event }) => ({
      ...{ kind: 'event' as const, ...event, instant: '2026-11-21T07:00:00Z' },
      ...{ object, shardId, sequence, index, origin: named ?? `${shardId}:${sequence}:${index}` },
      ...(replay !== null && { replay }),
    })),
  fc.record(
    {
      ...{ kind: fc.constant('refused' as const), key, origin: text },
      ...{ code: fc.constant('conflict'), replay: text },
    },
    { requiredKeys: ['kind', 'key', 'origin', 'code'] },
  ),
  fc.record({ kind: fc.constant('bucket' as const), key }),
  fc.record(
    {
      kind: fc.constant('ack' as const),
      iid: text,
      object: text,
      seen: ranges,
      acked: ranges,
      judgedFrom: fc.nat(),
    },
    { requiredKeys: ['kind', 'iid', 'object', 'seen', 'acked'] },
  ),
  fc.record({
    kind: fc.constant('identity' as const),
    identity: fc.constantFrom('00', 'ff'),
    key,
    origin: text,
  }),
);
const lines = fc.array(line, { maxLength: 60, size: 'max' });
/** Infinite numbers and missing data compare too. */
const shown = (value: unknown) =>
  canonicalJson(
    JSON.parse(
      JSON.stringify(value, (_, each) =>
        typeof each === 'number' && !Number.isFinite(each) ? String(each) : each,
      ),
    ),
  );

async function readAll(files: MemoryRunFiles, partition: number): Promise<ShuffleLine[]> {
  const all: ShuffleLine[] = [];
  for await (const each of new PartitionReader(files, RUN, partition).lines()) all.push(each);
  return all;
}

describe('shuffle', () => {
  it('lines come out of a segment as they went in, numbers beyond doubles too', () => {
    fc.assert(
      fc.property(lines, (given) => {
        const segment = new SegmentEncoder();
        const added = given.map((each) => segment.add(each));
        expect([...decodeSegment(segment.text())].map(shown)).toEqual(given.map(shown));
        expect(segment.bytes).toBe(Buffer.byteLength(segment.text()));
        expect(added.reduce((sum, bytes) => sum + bytes, 0)).toBe(segment.bytes);
      }),
    );
  });

  it('every line comes out once, in its partition, and of each batch in order, however small the buffer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(lines, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 2000 }),
        async (batches, partitions, room) => {
          const files = new MemoryRunFiles();
          for (const [number, given] of batches.entries()) {
            const writer = new ShuffleWriter(files, RUN, number, partitions, room);
            await writer.write(given);
            await writer.close();
          }
          for (let partition = 0; partition < partitions; partition++) {
            const expected = batches.flat().filter((each) => partitionOf(each, partitions) === partition);
            expect((await readAll(files, partition)).map(shown)).toEqual(expected.map(shown));
          }
        },
      ),
    );
  });

  it('a line’s partition is that of its bucket, instance or identity, and nothing else of it', () => {
    fc.assert(
      fc.property(line, line, fc.integer({ min: 1, max: 4096 }), (one, other, partitions) => {
        const at = partitionOf(one, partitions);
        expect(at).toBeGreaterThanOrEqual(0);
        expect(at).toBeLessThan(partitions);
        if ('key' in one && 'key' in other && one.kind !== 'identity' && other.kind !== 'identity')
          expect(partitionOf({ ...other, key: one.key }, partitions)).toBe(at);
      }),
    );
  });

  it('the writer never holds more than its room and one line, and writes what it holds', async () => {
    await fc.assert(
      fc.asyncProperty(lines, fc.integer({ min: 1, max: 3000 }), async (given, room) => {
        let most = 0;
        const files = new MemoryRunFiles();
        const writer = new ShuffleWriter(files, RUN, 0, 3, room);
        const longest = Math.max(0, ...given.map((each) => 2 * new SegmentEncoder().add(each)));
        for (const each of given) {
          await writer.write([each]);
          most = Math.max(most, writer.buffered);
        }
        expect(most).toBeLessThan(room + longest);
        await writer.close();
        expect(writer.buffered).toBe(0);
      }),
    );
  });

  it('a repetition that needs fewer parts leaves nothing of those before', async () => {
    await fc.assert(
      fc.asyncProperty(lines, lines, async (before, after) => {
        const files = new MemoryRunFiles();
        for (const [given, room] of [
          [before, 50],
          [after, 1000],
        ] as const) {
          const writer = new ShuffleWriter(files, RUN, 7, 1, room);
          await writer.write(given);
          await writer.close();
        }
        expect((await readAll(files, 0)).map(shown)).toEqual(after.map(shown));
      }),
    );
  });

  it('a partition can be read twice, and only its own segments are read', async () => {
    const files = new MemoryRunFiles();
    const writer = new ShuffleWriter(files, RUN, 0, 50, 1e9);
    const buckets = Array.from(
      { length: 2000 },
      (_, index): ShuffleLine => ({
        kind: 'bucket',
        key: {
          tenant: 'acme',
          subject: `${'long'.repeat(20)}${index * 7919}`,
          type: 't',
          window: '2026-11-21',
        },
      }),
    );
    await writer.write(buckets);
    await writer.close();
    let read = 0;
    const counted = {
      list: files.list.bind(files),
      getPart: async (...asked: Parameters<MemoryRunFiles['getPart']>) => {
        const part = await files.getPart(...asked);
        if (asked[2] >= 0) read += part!.length;
        return part;
      },
    };
    const reader = new PartitionReader(counted, RUN, 3);
    const passes: string[][] = [[], []];
    for (const pass of passes) for await (const each of reader.lines()) pass.push(shown(each));
    expect(passes[0]).toEqual(buckets.filter((each) => partitionOf(each, 50) === 3).map(shown));
    expect(passes[1]).toEqual(passes[0]);
    const whole = [...files.files.values()][0]!.length;
    expect(read).toBeLessThan(whole / 10);
  });

  it('a file that was cut, or is gone, is an error and never fewer lines', async () => {
    const files = new MemoryRunFiles();
    const writer = new ShuffleWriter(files, RUN, 0, 1);
    await writer.write([{ kind: 'bucket', key: { tenant: 'a', subject: 'b', type: 'c', window: 'd' } }]);
    await writer.close();
    const [[path, bytes]] = [...files.files] as [[string, Buffer]];
    for (let at = 0; at < bytes.length; at++) {
      files.files.set(path, bytes.subarray(at));
      if (at > 0 && at < 20) await expect(readAll(files, 0)).rejects.toThrow();
      files.files.set(path, bytes.subarray(0, at));
      await expect(readAll(files, 0)).rejects.toThrow();
    }
    files.files.delete(path);
    const listed = { list: async () => ['shuffle/0'], getPart: files.getPart.bind(files) };
    await expect(new PartitionReader(listed, RUN, 0).lines().next()).rejects.toThrow('is gone');
  });
});
