import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { archiveBatch } from '../../lambdas/archive/archive-batch.ts';
import type { LogRecord } from '../../lambdas/domain/log-record.ts';
import type { ManifestEntry, Shard } from '../../lambdas/domain/manifest.ts';
import { batchesOf, deliveryPlan, hostileStream, streamOf } from '../support/hostile-stream.ts';
import {
  MemoryArchive,
  MemoryManifest,
  MemoryManifestReader,
  MemoryShards,
} from '../support/memory-consumers.ts';
import type { Around } from '../support/memory-state.ts';
import { SHARD } from '../support/records.ts';

/** What all instances of the archive share. */
class Storage {
  readonly objects = new Map<string, Uint8Array>();
  readonly manifest = new MemoryManifest();
  readonly #shards: MemoryShards;

  constructor(shards: readonly Pick<Shard, 'shardId' | 'parents'>[] = [{ shardId: SHARD, parents: [] }]) {
    this.#shards = new MemoryShards(shards.map((shard) => ({ ...shard, open: true, startingHashKey: '0' })));
  }

  get reader(): MemoryManifestReader {
    return new MemoryManifestReader(this.manifest);
  }

  instance(around: Around = () => {}) {
    const ports = {
      archive: new MemoryArchive(around, this.objects),
      manifest: new MemoryManifest(around, this.manifest),
      shards: this.#shards,
    };
    return (records: readonly LogRecord[]) => archiveBatch(records, ports);
  }

  /** As the event source mapping does: the same records until they go through, cut anew after a failure. */
  async deliver(
    records: readonly LogRecord[],
    archive = this.instance(),
    cut = records.length,
  ): Promise<void> {
    for (let attempt = 0, size = cut; ; attempt++) {
      try {
        for (let at = 0; at < records.length; at += size) await archive(records.slice(at, at + size));
        return;
      } catch (error) {
        if (attempt > 1000) throw error;
        size = (size % records.length) + 1;
      }
    }
  }
}

/** SHA-256 over length-prefixed texts, as docs/state.md says, with nothing of the product's. */
function sha256(...texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  }
  return hash.digest('hex');
}

/** The bytes of the record that a line stands for. */
function bytesOf(line: string): Buffer {
  const { base64 } = JSON.parse(line);
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64');
  const name = '"envelope":';
  return Buffer.from(line.slice(line.indexOf(name) + name.length, -1));
}

/** Reads an object as its manifest entry describes it. */
function readObject(entry: ManifestEntry, { objects }: Storage): string[] {
  const bytes = objects.get(entry.key)!;
  expect([bytes.length, createHash('sha256').update(bytes).digest('hex')]).toEqual([
    entry.bytes,
    entry.sha256,
  ]);
  const lines = gunzipSync(bytes).toString().split('\n');
  expect(lines.pop()).toBe('');
  const sequences = lines.map((line) => JSON.parse(line).seq);
  expect([sequences[0], sequences.at(-1), sequences.length]).toEqual([
    entry.first,
    entry.last,
    entry.records,
  ]);
  return lines;
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

/** P4: following a shard's manifest yields each record once, byte for byte, in order, and every hash and total agrees. */
function expectArchived(
  storage: Storage,
  records: readonly LogRecord[],
  start = sha256(SHARD),
  shardId = SHARD,
): void {
  const entries = storage.manifest.entries.filter((entry) => entry.shardId === shardId);
  const lines = entries.flatMap((entry) => readObject(entry, storage));
  expect(lines.map((line) => [JSON.parse(line).seq, bytesOf(line).toString('base64')])).toEqual(
    records.map(({ sequence, data }) => [sequence, data.toString('base64')]),
  );
  expect(new Set(entries.map(({ key }) => key)).size).toBe(entries.length);

  let chain = start;
  for (const { sha256: object, first, last, records: count, chain: stored } of entries) {
    chain = sha256(chain, object, first, last, String(count));
    expect(stored).toBe(chain);
  }
  expect(storage.manifest.heads.get(shardId)).toMatchObject({
    ...{ shardId, chain, last: records.at(-1)!.sequence, objects: entries.length, records: records.length },
    events: sum(entries.map(({ events }) => events)),
    bytes: sum(entries.map(({ bytes }) => bytes)),
  });
}

/** A change of the log's shards: which open shard splits, or which two merge. */
const resharding = fc.record({ splits: fc.boolean(), which: fc.nat(), other: fc.nat() });
type Resharding = typeof resharding extends fc.Arbitrary<infer T> ? T : never;
type Sharded = Pick<Shard, 'shardId' | 'parents'>;

/** The shards after these changes, in the order in which they came to be. */
function reshard(changes: readonly Resharding[]): readonly Sharded[] {
  const shards: Sharded[] = [];
  const make = (...parents: readonly string[]) => {
    const shardId = `shardId-${String(shards.length).padStart(12, '0')}`;
    shards.push({ shardId, parents });
    return shardId;
  };
  let open = [make(), make()];
  for (const { splits, which, other } of changes) {
    const parent = open[which % open.length]!;
    const rest = open.filter((shardId) => shardId !== parent);
    const second = rest[other % rest.length];
    if (splits || second === undefined) open = [...rest, make(parent), make(parent)];
    else open = [...rest.filter((shardId) => shardId !== second), make(parent, second)];
  }
  return shards;
}

/** As the event source mapping does: any shard may go on at any time, but only when its parents are at their ends. */
async function pollParentsFirst(
  shards: readonly Sharded[],
  log: ReadonlyMap<string, readonly LogRecord[]>,
  turns: readonly number[],
  deliver: (records: readonly LogRecord[]) => Promise<void>,
): Promise<void> {
  const left = new Map([...log].map(([shardId, records]) => [shardId, [...records]]));
  const done = new Set<string>();
  for (let turn = 0; done.size < shards.length; turn++) {
    const ready = shards.filter(
      ({ shardId, parents }) => !done.has(shardId) && parents.every((parent) => done.has(parent)),
    );
    const { shardId } = ready[turns[turn % turns.length]! % ready.length]!;
    const batch = left.get(shardId)!.splice(0, 4);
    if (batch.length > 0) await deliver(batch);
    else done.add(shardId);
  }
}

describe('P4 the archive holds each record once, F14 partial commit', () => {
  it('however the log is cut, with any part coming again in another cut', async () => {
    await fc.assert(
      fc.asyncProperty(hostileStream, deliveryPlan, async (written, plan) => {
        const { records, lastMark } = streamOf(written);
        const storage = new Storage();
        for (const batch of batchesOf(records, plan)) await storage.deliver(batch);
        expectArchived(storage, records);
        expect(storage.manifest.heads.get(SHARD)?.mark).toBe(lastMark);
        expect([...storage.objects.keys()].sort()).toEqual(
          storage.manifest.entries.map(({ key }) => key).sort(),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('when it dies before or after any call', async () => {
    const rolls = fc.array(fc.nat(5), { maxLength: 120, size: 'max' });
    await fc.assert(
      fc.asyncProperty(hostileStream, deliveryPlan, rolls, async (written, plan, dice) => {
        const { records } = streamOf(written);
        const storage = new Storage();
        const archive = storage.instance((_, moment) => {
          const rolled = dice.pop();
          if ((rolled === 0 && moment === 'before') || (rolled === 1 && moment === 'after'))
            throw new Error('died');
        });
        for (const batch of batchesOf(records, plan)) await storage.deliver(batch, archive);
        expectArchived(storage, records);
        // What a death left behind stays, and no entry names it.
        expect(storage.objects.size).toBeGreaterThanOrEqual(storage.manifest.entries.length);
      }),
      { numRuns: 150 },
    );
  });

  it('when instances and a zombie take the same records in different cuts and any interleaving', async () => {
    await fc.assert(
      fc.asyncProperty(
        hostileStream,
        deliveryPlan,
        deliveryPlan,
        fc.scheduler(),
        async (written, plan, other, scheduler) => {
          const { records } = streamOf(written);
          const storage = new Storage();
          const run = async (cuts: typeof plan, most: number) => {
            const archive = storage.instance(() => scheduler.schedule(Promise.resolve()));
            for (const batch of [...batchesOf(records, cuts)].slice(0, most))
              await storage.deliver(batch, archive);
          };
          await scheduler.waitFor(Promise.all([run(plan, 1), run(plan, 1000), run(other, 1000)]));
          expectArchived(storage, records);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('and a child’s chain begins at its parents’ ends', async () => {
    const [left, right, child] = [
      'shardId-000000000000',
      'shardId-000000000001',
      'shardId-000000000002',
    ] as const;
    await fc.assert(
      fc.asyncProperty(hostileStream, hostileStream, hostileStream, async (one, two, three) => {
        const storage = new Storage([
          { shardId: left, parents: [] },
          { shardId: right, parents: [] },
          { shardId: child, parents: [left, right] },
        ]);
        const streams = [
          [left, one],
          [right, two],
          [child, three],
        ] as const;
        const of = new Map(
          streams.map(([shardId, written]) => [
            shardId,
            streamOf(written).records.map((record) => ({ ...record, shardId })),
          ]),
        );
        for (const records of of.values()) await storage.deliver(records);
        const ends = [left, right].map((shardId) => storage.manifest.heads.get(shardId)!.chain);
        expectArchived(storage, of.get(left)!, sha256(left), left);
        expectArchived(storage, of.get(right)!, sha256(right), right);
        expectArchived(storage, of.get(child)!, sha256(child, ...ends), child);
      }),
      { numRuns: 30 },
    );
  });

  it('through any splits and merges: children after parents, chains that go on, nothing lost, every shard listed', async () => {
    let skipped = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(resharding, { maxLength: 6 }),
        fc.array(fc.tuple(hostileStream, fc.boolean()), { minLength: 20, maxLength: 20 }),
        fc.array(fc.nat(5), { maxLength: 60 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 10 }),
        async (changes, contents, dice, turns) => {
          const shards = reshard(changes);
          const storage = new Storage(shards);
          const log = new Map(
            shards.map(({ shardId }, index) => {
              const [written, isEmpty] = contents[index % contents.length]!;
              const { records } = isEmpty ? { records: [] } : streamOf(written);
              return [shardId, records.map((record) => ({ ...record, shardId }))] as const;
            }),
          );
          const archive = storage.instance((_, moment) => {
            const rolled = dice.pop();
            if (rolled === 0 || (rolled === 1 && moment === 'after')) throw new Error('died');
          });
          await pollParentsFirst(shards, log, turns, (records) => storage.deliver(records, archive, 3));

          // Recomputed from the log's shards: a parent without records is stood in for by its own parents.
          const ends = new Map<string, string>();
          const endsOf = (shardId: string): string[] => {
            const parents = shards.find((shard) => shard.shardId === shardId)!.parents;
            const before = parents.flatMap((parent) => ends.get(parent) ?? endsOf(parent));
            return [...new Set(before)];
          };
          const listed = new Map((await storage.reader.shards()).map((shard) => [shard.shardId, shard]));
          for (const { shardId } of shards) {
            const records = log.get(shardId)!;
            if (records.length === 0) {
              skipped++;
              expect(listed.has(shardId)).toBe(false);
              continue;
            }
            expectArchived(storage, records, sha256(shardId, ...endsOf(shardId)), shardId);
            const head = storage.manifest.heads.get(shardId)!;
            ends.set(shardId, head.chain);
            // The list alone says what the chain began with: the log forgets shards.
            const parents = listed.get(shardId)!.parents.map((parent) => ends.get(parent)!);
            expect(parents).toEqual(endsOf(shardId));
            const first = storage.manifest.entries.find((entry) => entry.shardId === shardId)!;
            const start = sha256(shardId, ...parents);
            expect(sha256(start, first.sha256, first.first, first.last, String(first.records))).toBe(
              first.chain,
            );
          }
        },
      ),
      { numRuns: 100 },
    );
    expect(skipped).toBeGreaterThan(0);
  });

  it('waits for the log to list the shard, as a chain begun without its parents could not be mended', async () => {
    const { records } = streamOf([{ mark: '2026-11-21T09:00:00.000Z' }]);
    const storage = new Storage([]);
    await expect(storage.instance()(records)).rejects.toThrow('does not list shardId-000000000000');
    expect(storage.objects.size).toBe(0);
  });

  it('an object is written before the entry that names it', async () => {
    const calls: string[] = [];
    const storage = new Storage();
    const archive = storage.instance((operation, moment) => {
      if (moment === 'after') calls.push(operation);
    });
    await archive(streamOf([{ mark: '2026-11-21T09:00:00.000Z' }]).records);
    expect(calls).toEqual(['head', 'put', 'append']);
  });
});
