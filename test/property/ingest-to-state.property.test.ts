import { gunzipSync } from 'node:zlib';
import Big from 'big.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { archiveBatch } from '../../lambdas/archive/archive-batch.ts';
import { BATCHED, eventOf, startIngest } from '../support/ingest.ts';
import { MemoryArchive, MemoryManifest, MemoryShards } from '../support/memory-consumers.ts';
import { World } from '../support/projector.ts';
import { readBuckets } from '../support/read-state.ts';
import { rawRecord, SHARD } from '../support/records.ts';
import { validatingContracts } from '../support/validating-contracts.ts';

/** Values at the edge of what each attribute may be; some of each are sound. */
const text = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'a#b|c%23',
    '%',
    '|',
    'ü€😀',
    ' ',
    '\u0000',
    'x'.repeat(128),
    'x'.repeat(129),
    '',
    '\ud800',
    '__proto__',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }),
);
const time = fc.constantFrom<unknown>(
  ...[
    '2026-11-21T07:15:00Z',
    '2026-11-21t09:15:00.123456789+02:00',
    '2026-11-21T06:59:59.999999999Z',
    '2026-11-20T23:30:00-08:00',
  ],
  ...[
    '2026-11-21T07:15:00.10Z',
    '2026-11-21 07:15:00Z',
    '2026-11-21T07:15:60Z',
    '2025-11-21T07:15:00Z',
    '2026-11-22T07:15:00Z',
  ],
  ...[null, 5, ['2026-11-21T07:15:00Z'], ''],
);
const value = fc.oneof(
  { weight: 4, arbitrary: fc.double({ noNaN: true, min: -1e12, max: 1e12 }) },
  fc.double(),
  fc.constantFrom<unknown>(0, -0, 2 ** 53, 2 ** 53 - 1, 1e18, 5e-324, '1', null, true, {}),
);
const data = fc.oneof(
  { weight: 6, arbitrary: fc.record({ value, region: text }, { requiredKeys: ['value'] }) },
  fc.constantFrom<unknown>(
    null,
    'text',
    5,
    [],
    { region: 'eu' },
    { value: 1, region: 5 },
    { value: 1, region: 'x'.repeat(129) },
  ),
);
const item = fc.record(
  {
    subject: text,
    source: text,
    time,
    data,
    type: fc.constantFrom('test.reading', 'test.other', 'test.nothing'),
    extension: text,
  },
  { requiredKeys: [] },
);
const request = fc.array(fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, item), {
  minLength: 1,
  maxLength: 8,
});

interface Total {
  n: number;
  groups: Map<string, Big>;
}

const encoded = (part: string) => part.replaceAll('%', '%25').replaceAll('#', '%23').replaceAll('|', '%7C');

/** Totals of what was accepted, by type, subject and hour, in plain decimal arithmetic. */
function totalsOf(accepted: Iterable<Record<string, unknown>>): Map<string, Total> {
  const totals = new Map<string, Total>();
  for (const { type, subject, time: at, data: sent } of accepted) {
    const { value: amount, region } = sent as { value: number; region?: string };
    const hour = new Date(at as string).toISOString().slice(0, 13);
    const key = `${type} ${subject} ${hour}`;
    const total = totals.get(key) ?? { n: 0, groups: new Map() };
    totals.set(key, total);
    total.n += 1;
    const group = `region=${encoded(region ?? '')}`;
    const rounded = new Big(String(amount)).round(9, Big.roundHalfEven);
    total.groups.set(group, (total.groups.get(group) ?? new Big(0)).plus(rounded));
  }
  return totals;
}

it('P3: what ingest accepts is counted, what it quarantines is kept, and the archive has both; repeated requests change nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 4 }), async (requests) => {
      const ingest = startIngest();
      const accepted = new Map<string, Record<string, unknown>>();
      let quarantined = 0;
      for (const [number, items] of requests.entries()) {
        const events = items.map((more, index) => eventOf({ id: `e${number}.${index}`, ...more }));
        for (let again = 0; again < 2; again++) {
          const headers = { 'content-type': BATCHED };
          const { json } = await ingest.call({ body: JSON.stringify(events), headers });
          const bad = new Set(json.results.map(({ index }) => index));
          quarantined += json.quarantined;
          expect(json.refused).toBe(0);
          for (const [index, event] of events.entries())
            if (!bad.has(index)) accepted.set(String(event.id), event);
        }
      }
      const records = ingest.log.records.map(({ text: envelope }) => rawRecord(Buffer.from(envelope)));
      const world = new World(validatingContracts);
      await world.deliver(records);
      await world.deliver(records);

      // The projector has nothing left to refuse.
      expect(world.log.drafts).toEqual([]);
      const stored = ['test.reading', 'test.other'].flatMap((type) =>
        [...readBuckets(world.table, type)].map(([name, { head, ids }]) => {
          expect(ids).toHaveLength(Number(head.n));
          return [`${type} ${name}`, head] as const;
        }),
      );
      const expected = [...totalsOf(accepted.values())].map(([name, { n, groups }]) => {
        const total = Object.fromEntries([...groups].map(([group, sum]) => [group, sum.toFixed()]));
        return [name, { n: String(n), m: { total } }] as const;
      });
      const summary = stored.map(([name, { n, m }]) => [name, { n, m }] as const);
      expect(Object.fromEntries(summary)).toEqual(Object.fromEntries(expected));

      const lines = [...readBuckets(world.table, 'weir.quarantine').values()].flatMap(({ ids }) => ids);
      expect(new Set(lines).size).toBe(quarantined);
      expect(lines).toHaveLength(quarantined);

      const archive = new MemoryArchive();
      const shard = { shardId: SHARD, parents: [], open: true, startingHashKey: '0' };
      await archiveBatch(records, {
        archive,
        manifest: new MemoryManifest(),
        shards: new MemoryShards([shard]),
      });
      const archived = [...archive.objects.values()].map((bytes) => gunzipSync(bytes).toString()).join('');
      const envelopes = archived
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).envelope);
      expect(envelopes).toEqual(ingest.log.envelopes());
    }),
    { numRuns: 60 },
  );
});
