import fc from 'fast-check';
import { expect, it } from 'vitest';
import { archiveBatch } from '../../lambdas/archive/archive-batch.ts';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import type { LogRecord } from '../../lambdas/domain/log-record.ts';
import type { ManifestEntry } from '../../lambdas/domain/manifest.ts';
import type { RunRequest } from '../../lambdas/domain/recovery/request.ts';
import { selectionOf } from '../../lambdas/domain/recovery/select-objects.ts';
import { walkEntries } from '../../lambdas/plan/walk-entries.ts';
import { testContracts } from '../support/contracts.ts';
import {
  MemoryArchive,
  MemoryManifest,
  MemoryManifestReader,
  MemoryShards,
} from '../support/memory-consumers.ts';
import { eventsRecord, markRecord, rawRecord, recordOf } from '../support/records.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2026-11-01T00:00:00Z');
const iso = (ms: number) => new Date(ms).toISOString();

/** Events may be three hours early. */
const contracts = new Map(
  [...testContracts].map(([name, contract]) => [name, { ...contract, earlyMs: 3 * HOUR }]),
);

const tenant = fc.constantFrom('acme', 'zoo');
const type = fc.constantFrom('test.every', 'test.sum', 'test.unknown');
const fingerprint = fc.constantFrom('f1', 'f2');

/** One record: when it came after the one before, and what it holds. Clocks are some minutes apart. */
const written = fc.record({
  shard: fc.nat(2),
  stepMinutes: fc.oneof(fc.constant(0), fc.nat(30), fc.nat(4000)),
  /** The log's times of arrival need not rise. */
  backMinutes: fc.nat(20),
  aheadMinutes: fc.integer({ min: -1, max: 5 }),
  /** Of the event's time, after its receipt. */
  offsetMinutes: fc.oneof(fc.integer({ min: -90, max: 180 }), fc.integer({ min: -30_000, max: 5 })),
  /** Whether an object begins with it. */
  cut: fc.constantFrom(true, true, false),
  gap: fc.bigInt({ min: 1n, max: 10n ** 40n }),
  kind: fc.constantFrom('events', 'events', 'events', 'quarantine', 'refused', 'mark', 'bytes'),
  ...{ tenant, type, fingerprint },
});
type Written = typeof written extends fc.Arbitrary<infer T> ? T : never;

/** A record and what it is to the oracle. */
interface Known extends Omit<Written, 'gap'> {
  readonly record: LogRecord;
  readonly atMs: number;
  readonly timeMs: number;
}

function envelopeOf({ kind, tenant, type, fingerprint }: Written, atMs: number, timeMs: number): LogRecord {
  const at = iso(atMs);
  const event: CloudEvent = {
    specversion: '1.0',
    id: 'i',
    source: '/s',
    type,
    subject: 's',
    time: iso(timeMs),
    data: {},
  };
  if (kind === 'mark') return markRecord(at);
  if (kind === 'bytes') return rawRecord(Buffer.from([255]));
  if (kind === 'events') return eventsRecord([event], { tenant, at });
  const quarantine = {
    ...{ code: 'conflict', fingerprint, detail: 'd', input: event, schema: 1, type },
    origin: kind === 'refused' ? 'shardId-000000000000:1:0' : 'r-1:0',
  };
  const sent = { tenant, producer: 'p', receipt: 'r-1', quarantine };
  return recordOf({ v: 1, iid: 'q', n: 1, acked: [], build: 'b', at, ...sent });
}

function lay(all: readonly Written[]): Known[] {
  const clocks = [START, START, START];
  const sequences = [10n ** 55n, 10n ** 55n, 10n ** 55n];
  return all.map((each) => {
    const { shard } = each;
    clocks[shard]! += each.stepMinutes * MINUTE;
    sequences[shard]! += each.gap;
    const arrivedMs = clocks[shard]! - each.backMinutes * MINUTE;
    const atMs = arrivedMs + each.aheadMinutes * MINUTE;
    const timeMs = atMs + each.offsetMinutes * MINUTE;
    const place = { shardId: `shardId-00000000000${shard}`, sequence: String(sequences[shard]), arrivedMs };
    return { ...each, atMs, timeMs, record: { ...envelopeOf(each, atMs, timeMs), ...place } };
  });
}

/** Archives the records, cut as they say, and returns what each object holds. */
async function archived(
  known: readonly Known[],
  manifest: MemoryManifest,
): Promise<Map<ManifestEntry, Known[]>> {
  const shardIds = [0, 1, 2].map((shard) => `shardId-00000000000${shard}`);
  const shards = new MemoryShards(
    shardIds.map((shardId) => ({ shardId, parents: [], open: true, startingHashKey: '0' })),
  );
  const ports = { archive: new MemoryArchive(), manifest, shards };
  const objects = new Map<ManifestEntry, Known[]>();
  for (const shard of [0, 1, 2]) {
    const batches: Known[][] = [];
    for (const each of known.filter((one) => one.shard === shard)) {
      if (each.cut || batches.length === 0) batches.push([]);
      batches.at(-1)!.push(each);
    }
    for (const batch of batches) {
      await archiveBatch(
        batch.map(({ record }) => record),
        ports,
      );
      objects.set(manifest.entries.at(-1)!, batch);
    }
  }
  return objects;
}

/** A moment close to what some record says, or is: its window, its day, its arrival. There mistakes are made. */
const moment = fc.record({
  which: fc.nat(39),
  of: fc.constantFrom('time', 'at', 'arrival'),
  cut: fc.constantFrom(MINUTE, HOUR, DAY),
  more: fc.integer({ min: -1, max: 1 }),
});
type Moment = typeof moment extends fc.Arbitrary<infer T> ? T : never;
const range = fc.record({
  ...{ a: moment, b: moment },
  open: fc.constantFrom('neither', 'neither', 'from', 'to'),
});

function momentOf({ which, of, cut, more }: Moment, known: readonly Known[]): number {
  const { timeMs, atMs, record } = known[which % known.length]!;
  const ms = of === 'time' ? timeMs : of === 'at' ? atMs : record.arrivedMs;
  return Math.floor(ms / cut) * cut + more * cut;
}

function withRange({ range, ...asks }: Asking, known: readonly Known[]): RunRequest {
  const [a, b] = [momentOf(range.a, known), momentOf(range.b, known)];
  return {
    ...asks,
    ...(range.open !== 'from' && { from: iso(Math.min(a, b)) }),
    ...(range.open !== 'to' && { to: iso(Math.max(a, b) + MINUTE) }),
  } as RunRequest;
}

const types = fc.subarray(['test.every', 'test.sum', 'weir.quarantine'], { minLength: 1 });
const whose = fc.record({ tenant, types }, { requiredKeys: [] });
const asked = { requestId: 'r', operator: 'o', reason: 'w', dryRun: false };
const asking = fc
  .oneof(
    ...[{ identities: false }, { identities: true }].map((more) =>
      fc.record({ verb: fc.constant('reconcile'), range, whose }).map((asks) => ({ ...asks, ...more })),
    ),
    fc.record({ verb: fc.constantFrom('rebuild', 'preview', 'replay'), range, whose }),
    fc.record({ verb: fc.constant('redrive'), range, whose: fc.record({ tenant, fingerprint }) }),
    fc
      .record({ verb: fc.constant('verify'), range, certificate: fc.boolean() })
      .map((asks) => ({ ...asks, whose: {} })),
  )
  .map(({ whose: who, ...asks }) => ({ ...asked, ...asks, ...who }));
type Asking = typeof asking extends fc.Arbitrary<infer T> ? T : never;

/** Whether the request is about this record: the oracle, in the plainest way. */
function concerns(asks: RunRequest, known: Known): boolean {
  const { kind, record } = known;
  const who = asks as { readonly tenant?: string; readonly types?: readonly string[] };
  const [from, to] = [Date.parse(asks.from ?? iso(0)), Date.parse(asks.to ?? '9999-01-01T00:00:00Z')];
  const isIn = (ms: number) => ms >= from && ms < to;
  const isTheirs = who.tenant === undefined || who.tenant === known.tenant;
  const isOfType = (name: string) => who.types === undefined || who.types.includes(name);
  const isQuarantine = kind === 'quarantine' || kind === 'refused';
  const isCounted = known.type !== 'test.unknown' && isOfType(known.type);
  const inWindow = isIn(Math.floor(known.timeMs / HOUR) * HOUR);
  switch (asks.verb) {
    case 'replay':
      return kind === 'events' && isTheirs && isOfType(known.type) && isIn(record.arrivedMs);
    case 'redrive':
      return (
        'fingerprint' in asks &&
        isQuarantine &&
        isTheirs &&
        asks.fingerprint === known.fingerprint &&
        isIn(record.arrivedMs)
      );
    case 'verify':
      return (
        isIn(record.arrivedMs) ||
        (asks.certificate && kind === 'refused' && isIn(record.arrivedMs - 20 * DAY))
      );
    default: {
      if (kind === 'events') return isTheirs && isCounted && inWindow;
      if (!isQuarantine || !isTheirs || (asks.verb === 'reconcile' && asks.identities)) return false;
      const isOfDay = isOfType('weir.quarantine') && isIn(Math.floor(known.atMs / DAY) * DAY);
      return isOfDay || (asks.verb === 'reconcile' && kind === 'refused' && isCounted && inWindow);
    }
  }
}

it('P4: no object is left out that holds what is asked for, whatever the shards, arrivals and cuts', async () => {
  let needed = 0;
  let unneeded = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(written, { minLength: 1, maxLength: 40, size: 'max' }),
      asking,
      fc.integer({ min: 1, max: 4 }),
      async (all, wanted, pageSize) => {
        const known = lay(all);
        const asks = withRange(wanted, known);
        const manifest = new MemoryManifest();
        const objects = await archived(known, manifest);
        const ends = Object.fromEntries([...manifest.heads].map(([shardId, { last }]) => [shardId, last]));
        const selection = selectionOf(asks, contracts);
        const walked: ManifestEntry[] = [];
        const reader = new MemoryManifestReader(manifest, pageSize);
        for await (const page of walkEntries(selection, ends, reader)) walked.push(...page);

        for (const [entry, contents] of objects) {
          if (contents.some((one) => concerns(asks, one))) {
            needed++;
            expect(walked).toContain(entry);
          } else if (!walked.includes(entry)) unneeded++;
        }
        // Looking for a place to begin loses nothing, and takes nothing twice.
        expect(walked).toEqual(
          [...objects.keys()]
            .sort((a, b) => (a.shardId < b.shardId ? -1 : a.shardId > b.shardId ? 1 : 0))
            .filter(selection.selects),
        );
      },
    ),
    { numRuns: 1_500 },
  );
  // Else it would hold of a selection of everything, or of nothing.
  expect(needed).toBeGreaterThan(100);
  expect(unneeded).toBeGreaterThan(100);
});

it('nothing is taken that was archived after the plan’s bounds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(written, { minLength: 1, maxLength: 30 }),
      fc.nat(100),
      asking,
      async (all, at, wanted) => {
        const known = lay(all);
        const asks = withRange(wanted, known);
        const manifest = new MemoryManifest();
        await archived(known, manifest);
        const bound = manifest.entries[at % manifest.entries.length]!;
        const walked: ManifestEntry[] = [];
        const ends = { [bound.shardId]: bound.last };
        const reader = new MemoryManifestReader(manifest);
        for await (const page of walkEntries(selectionOf(asks, contracts), ends, reader))
          walked.push(...page);
        for (const { shardId, last } of walked) {
          expect(shardId).toBe(bound.shardId);
          expect(BigInt(last)).toBeLessThanOrEqual(BigInt(bound.last));
        }
      },
    ),
    { numRuns: 100 },
  );
});

it('of a long chain only some pages are read, wherever in it the range begins', async () => {
  const [step, length] = [10 * MINUTE, 5_000];
  const entries = Array.from({ length }, (_, index): ManifestEntry => {
    const arrived = { from: iso(START + index * step), to: iso(START + index * step) };
    const first = String(
      10n ** 55n + BigInt(index) * 10n ** 30n + BigInt((index * 7919) % 1000) * 10n ** 26n,
    );
    return {
      ...{ shardId: 's', key: `k${index}`, first, last: first, records: 1, events: 1, bytes: 1, arrived },
      ...{ sha256: '', versionId: '', chain: '', tenants: [], types: [], fingerprints: [] },
    };
  });
  const manifest = new MemoryManifest(() => {}, { entries, heads: new Map(), shards: new Map() });
  for (const begin of [0, 1, 17, 1_000, 2_718, length - 1]) {
    let pages = 0;
    const counting = new MemoryManifestReader(manifest, 16);
    const reader = {
      async *entries(shardId: string, from?: string) {
        for await (const page of counting.entries(shardId, from)) {
          pages++;
          yield page;
        }
      },
    };
    const [from, to] = [START + begin * step, START + (begin + 3) * step];
    const selection = selectionOf(
      { verb: 'verify', ...asked, from: iso(from), to: iso(to), certificate: false },
      testContracts,
    );
    const walked: string[] = [];
    for await (const page of walkEntries(selection, { s: entries.at(-1)!.last }, reader as never))
      walked.push(...page.map(({ key }) => key));
    expect(walked).toEqual(entries.slice(begin, begin + 3).map(({ key }) => key));
    expect(pages).toBeLessThan(40);
  }
});
