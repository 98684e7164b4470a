import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asOf } from '../../lambdas/domain/as-of.ts';
import { compareSequences } from '../../lambdas/domain/log-record.ts';
import { chainHash, chainStart, type ManifestEntry, type Shard } from '../../lambdas/domain/manifest.ts';
import { hasPassed, projectedTo } from '../../lambdas/domain/recovery/passed.ts';
import {
  batchLimits,
  MAX_BATCHES,
  monthsBetween,
  touchedPerBatch,
} from '../../lambdas/domain/recovery/plan-batches.ts';
import type { StageResult } from '../../lambdas/domain/recovery/run.ts';
import { PlanDesk } from '../support/plan-desk.ts';

const DAY = 86_400_000;
const object = fc.record({
  shard: fc.nat(2),
  events: fc.nat(90_000),
  bytes: fc.nat(14 * 1024 * 1024),
  daysAgo: fc.nat(500),
  isCold: fc.boolean(),
  tenant: fc.constantFrom('acme', 'zoo', 'many'),
});
type Made = typeof object extends fc.Arbitrary<infer T> ? T : never;

const RECONCILE = { verb: 'reconcile', repair: false, identities: false, rate: 1, maxLagSeconds: 30 };
const asking = fc
  .constantFrom<object>(
    RECONCILE,
    { verb: 'rebuild', rate: 1, maxLagSeconds: 30 },
    { verb: 'verify', certificate: true },
    { verb: 'replay', tenant: 'acme', from: '2026-01-01T00:00:00.000Z', rate: 1, maxLagSeconds: 30 },
  )
  .map((request) => ({ ...request, restore: 'bulk' }));

async function archive(desk: PlanDesk, made: readonly Made[]): Promise<void> {
  for (const { shard, events, bytes, daysAgo, isCold, tenant } of made) {
    const at = new Date(desk.now - daysAgo * DAY).toISOString();
    const entry = await desk.archived({
      ...{
        shardId: `shard-${shard}`,
        events,
        bytes,
        arrived: { from: at, to: at },
        times: { from: at, to: at },
      },
      tenants: tenant === 'many' ? 'many' : [tenant],
    });
    if (isCold) desk.archive.classes.set(entry.key, 'DEEP_ARCHIVE');
  }
}

/** Files that say what is to be done. What is found of the chains goes on with the archive. */
const filesOf = (desk: PlanDesk) =>
  new Map(
    [...desk.written]
      .filter(([name]) => !name.endsWith('/chain.json') && !name.includes('/walked/'))
      .map(([name, bytes]) => [name, bytes.toString()] as const),
  );

describe('plan select', () => {
  it('however often it dies, and whatever is archived meanwhile, it comes to the same as if it had not', async () => {
    let deaths = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(object, { maxLength: 150, size: 'max' }),
        asking,
        fc.array(fc.nat(30), { maxLength: 12 }),
        async (made, request, dice) => {
          const [desk, whole] = [new PlanDesk(), new PlanDesk()];
          for (const each of [desk, whole]) {
            each.tenants.names.push('quiet');
            await archive(each, made);
            each.start(request);
          }
          await whole.step('select');
          const bounds = whole.written.get('r1/bounds.json')!;
          desk.written.set('r1/bounds.json', bounds);
          let left = dice.length;
          for (;;) {
            const diesIn = dice.pop();
            let calls = 0;
            try {
              await desk.step('select', {}, (_, moment) => {
                if (diesIn !== undefined && calls++ === diesIn && moment !== undefined)
                  throw new Error('died');
              });
              break;
            } catch (error) {
              expect((error as Error).message).toBe('died');
              deaths++;
              if (left-- < 0) throw error;
              await archive(desk, made.slice(0, 3));
              desk.now += DAY;
            }
          }
          expect(filesOf(desk)).toEqual(filesOf(whole));
        },
      ),
      { numRuns: 60 },
    );
    expect(deaths).toBeGreaterThan(30);
  });

  it('what was overtaken, and still runs, changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(object, { minLength: 1, maxLength: 120, size: 'max' }),
        asking,
        fc.scheduler(),
        async (made, request, scheduler) => {
          const desk = new PlanDesk();
          await archive(desk, made);
          desk.start(request);
          const around = () => scheduler.schedule(Promise.resolve());
          const late = () => desk.step('select', {}, around);
          await scheduler.waitFor(Promise.all([late(), late()]));
          const files = filesOf(desk);
          const alone = new PlanDesk();
          await archive(alone, made);
          alone.start(request);
          await alone.step('select');
          expect(files).toEqual(filesOf(alone));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('every selected object is in one batch, no batch is too much for a worker, and all totals agree', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(object, { maxLength: 200, size: 'max' }), async (made) => {
        const desk = new PlanDesk();
        await archive(desk, made);
        const { summary } = await desk.plan({ ...RECONCILE, restore: 'bulk' });
        const batches = desk.batches();
        expect(batches.map(({ number }) => number)).toEqual(batches.map((_, index) => index));
        const objects = batches.flatMap((batch) => (batch.kind === 'objects' ? batch.objects : []));
        expect(objects.map(({ key }) => key).sort()).toEqual(
          desk.manifest.entries.map(({ key }) => key).sort(),
        );
        for (const batch of batches) {
          if (batch.kind !== 'objects') continue;
          expect(batch.objects.length).toBeLessThanOrEqual(50);
          const bytes = batch.objects.reduce((sum, each) => sum + each.bytes, 0);
          if (batch.objects.length > 1) expect(bytes).toBeLessThanOrEqual(24 * 1024 * 1024);
        }
        const sum = (name: 'events' | 'records' | 'bytes') =>
          objects.reduce((all, each) => all + each[name], 0);
        expect(summary).toMatchObject({
          ...{ objects: objects.length, events: sum('events'), records: sum('records'), bytes: sum('bytes') },
          ...{ batches: batches.length, partitions: Math.max(1, Math.ceil(sum('events') / 200_000)) },
        });
        const cold = made.filter(({ isCold, daysAgo }) => isCold && daysAgo >= 365);
        expect(summary.cold?.objects ?? 0).toBeGreaterThanOrEqual(cold.length);
        expect(summary.cold?.objects ?? 0).toBeLessThanOrEqual(made.filter(({ isCold }) => isCold).length);
      }),
      { numRuns: 60 },
    );
  });
});

/** What somebody does to the manifests of an archive. @returns entries that can't be relied on any more */
const damages: Readonly<Record<string, (desk: PlanDesk, at: number) => readonly ManifestEntry[]>> = {
  'an entry is gone': ({ manifest }, at) => manifest.entries.splice(at, 1),
  'an entry was changed': ({ manifest }, at) => {
    const entry = manifest.entries[at]!;
    manifest.entries[at] = { ...entry, sha256: 'another' };
    return [entry];
  },
  'an entry’s end was changed': ({ manifest }, at) => {
    const entry = manifest.entries[at]!;
    manifest.entries[at] = { ...entry, last: '7' };
    return [entry];
  },
  'the last entry was changed, and its link made anew': ({ manifest }, at) => {
    const { shardId } = manifest.entries[at]!;
    const last = manifest.entries.findLastIndex((each) => each.shardId === shardId);
    const entry = manifest.entries[last]!;
    const before = manifest.entries.findLast((each, index) => index < last && each.shardId === shardId);
    const { first, records } = entry;
    const chain = chainHash(before?.chain ?? chainStart(shardId, []), 'another', first, entry.last, records);
    manifest.entries[last] = { ...entry, sha256: 'another', chain };
    return [entry];
  },
  'the chain’s rest is gone': ({ manifest }, at) => {
    const { shardId, first } = manifest.entries[at]!;
    const gone = manifest.entries.filter(
      (each) => each.shardId === shardId && compareSequences(each.first, first) >= 0,
    );
    for (const each of gone) manifest.entries.splice(manifest.entries.indexOf(each), 1);
    return gone;
  },
  'the list of shards lacks a line': ({ manifest }, at) => {
    const { shardId } = manifest.entries[at]!;
    manifest.shards.delete(shardId);
    return manifest.entries.filter((each) => each.shardId === shardId);
  },
  'a head is gone': ({ manifest }, at) => {
    const { shardId } = manifest.entries[at]!;
    manifest.heads.delete(shardId);
    return manifest.entries.filter((each) => each.shardId === shardId);
  },
};

describe('F1, P3: what the manifests have lost does not pass for what nobody has sent', () => {
  const scope = fc.record(
    { tenant: fc.constantFrom('acme', 'zoo'), from: fc.nat(500), to: fc.nat(500) },
    { requiredKeys: [] },
  );

  it('is found wherever a run would have read it, and nothing is rebuilt or repaired then', async () => {
    const met = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(object, { minLength: 1, maxLength: 120, size: 'max' }),
        scope,
        fc.constantFrom(...Object.keys(damages)),
        fc.nat(),
        fc.boolean(),
        async (made, { tenant, from, to }, damage, which, isAnchored) => {
          const desk = new PlanDesk();
          // Arrivals rise along a shard.
          await archive(
            desk,
            [...made].sort((a, b) => b.daysAgo - a.daysAgo),
          );
          desk.shards = [0, 1, 2].map((number) => ({
            ...{ shardId: `shard-${number}`, parents: [], open: !isAnchored, startingHashKey: '0' },
          }));
          if (isAnchored) {
            // The log has forgotten them by now.
            desk.shards = [];
            const at = new Date(desk.now - 3_600_000).toISOString();
            for (const head of desk.manifest.heads.values()) await desk.anchors.write({ ...head, at });
          }
          const day = (ago: number) => new Date(desk.now - ago * DAY).toISOString();
          const asks = {
            ...{ rate: 1, maxLagSeconds: 30, restore: 'bulk' },
            ...(tenant !== undefined && { tenant }),
            ...(from !== undefined && { from: day(Math.max(from, to ?? 0) + 1) }),
            ...(to !== undefined && { to: day(Math.min(from ?? 500, to)) }),
          };
          desk.start({ ...asks, verb: 'rebuild', requestId: 'whole' });
          await desk.step('select', { requestId: 'whole' });
          expect(desk.json<StageResult>('scanned/chain.json', 'whole')).toEqual({ counts: {}, findings: [] });
          const read = new Set<string>();
          for (const [name, bytes] of desk.written)
            if (name.startsWith('whole/batches/'))
              for (const { key } of JSON.parse(bytes.toString()).objects) read.add(key);

          const lost = damages[damage]!(desk, which % desk.manifest.entries.length);
          if (!lost.some(({ key }) => read.has(key))) return;
          met.set(damage, (met.get(damage) ?? 0) + 1);
          desk.start({ ...asks, verb: 'rebuild' });
          await expect(desk.step('select')).rejects.toThrow(/manifests are damaged.*"verify"/);
          desk.start({ ...asks, verb: 'reconcile', repair: true, identities: false, requestId: 'r2' });
          await desk.step('select', { requestId: 'r2' });
          const { counts, findings } = desk.json<StageResult>('scanned/chain.json', 'r2');
          expect(findings.length).toBeGreaterThan(0);
          expect(counts.damaged).toBe(findings.length);
        },
      ),
      { numRuns: 300 },
    );
    expect([...met.keys()].sort()).toEqual(Object.keys(damages).sort());
  });
});

/** Shards that split and merge, and how far into each a consumer has come, which reads children after their parents. */
const history = fc
  .record({
    splits: fc.array(fc.nat(), { maxLength: 4 }),
    come: fc.array(fc.nat(4), { minLength: 20, maxLength: 20 }),
  })
  .map(({ splits, come }) => {
    const shards: Shard[] = [{ shardId: 's0', parents: [], open: true, startingHashKey: '0' }];
    for (const which of splits) {
      const open = shards.filter((shard) => shard.open);
      const parent = open[which % open.length]!;
      shards[shards.indexOf(parent)] = { ...parent, open: false };
      for (const _ of [0, 1])
        shards.push({
          shardId: `s${shards.length}`,
          parents: [parent.shardId],
          open: true,
          startingHashKey: '0',
        });
    }
    return { shards, come };
  });

describe('F1, no event is called missing that the projector has yet to read', () => {
  it('what a shard is said to be projected to is never beyond what was read of it', () => {
    fc.assert(
      fc.property(history, ({ shards, come }) => {
        // A shard has records 1 to 4, with a mark at 2 and one at 4. A closed one read to 4 is at its end.
        const read = new Map<string, number>();
        for (const [index, { shardId, parents }] of shards.entries()) {
          const ready = parents.every((parent) => read.get(parent) === 4);
          read.set(shardId, ready ? come[index]! : 0);
        }
        const mark = (count: number) => (count >= 4 ? 4 : count >= 2 ? 2 : 0);
        const passes = new Map(
          [...read].flatMap(([shardId, count]) =>
            mark(count) > 0
              ? [
                  [
                    shardId,
                    { mark: `2026-11-21T12:00:0${mark(count)}.000Z`, sequence: String(mark(count)) },
                  ] as const,
                ]
              : [],
          ),
        );
        const to = projectedTo(shards, passes);
        for (const { shardId, open } of shards) {
          const said = to[shardId];
          if (said === undefined) {
            expect(open).toBe(false);
            expect(read.get(shardId)).toBe(4);
          } else expect(Number(said)).toBeLessThanOrEqual(read.get(shardId)!);
        }
        const barrier = '2026-11-21T12:00:02.000Z';
        const all = asOf(shards, new Map([...passes].map(([id, pass]) => [id, pass.mark])), '9');
        expect(hasPassed(shards, passes, barrier)).toBe(all !== undefined && all >= barrier);
      }),
      { numRuns: 500 },
    );
  });
});

it('there are never more batches than a state machine takes the answers of, up to some TB and millions of objects', () => {
  const MB = 1024 * 1024;
  const archive = fc.record({
    objects: fc.integer({ min: 1, max: 20_000_000 }),
    bytes: fc.integer({ min: 1, max: 2_000_000 * MB }),
  });
  fc.assert(
    fc.property(archive, (all) => {
      const { objects, bytes } = batchLimits(all);
      // Each batch but the last is full of objects, or together with the next one's first holds more than its bytes.
      expect(all.objects / objects + 2 * (all.bytes / bytes)).toBeLessThan(MAX_BATCHES);
      expect(objects).toBeGreaterThanOrEqual(50);
      expect(objects).toBeLessThanOrEqual(2000);
      expect(bytes).toBeLessThanOrEqual(240 * MB);
    }),
  );
  expect(batchLimits({ objects: Number.NaN, bytes: Number.NaN })).toEqual({ objects: 50, bytes: 24 * MB });
  expect(batchLimits({ objects: 5_000_000, bytes: 1 }).objects).toBe(500);
  expect(touchedPerBatch(100_000 * 12 * 16)).toBe(1920);
});

it('months are those that any moment between two lies in', () => {
  const ms = fc.integer({ min: Date.UTC(2019, 0), max: Date.UTC(2031, 0) });
  fc.assert(
    fc.property(ms, ms, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, part) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const months = monthsBetween(from, to);
      expect(months).toContain(new Date(from + (to - from) * part).toISOString().slice(0, 7));
      expect(months[0]).toBe(new Date(from).toISOString().slice(0, 7));
      expect(months.at(-1)).toBe(new Date(to).toISOString().slice(0, 7));
      expect(new Set(months).size).toBe(months.length);
    }),
  );
});
