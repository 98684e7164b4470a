import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { archiveBatch } from '../../lambdas/archive/archive-batch.ts';
import type { BucketKey } from '../../lambdas/domain/bucket.ts';
import { hashIdentity } from '../../lambdas/domain/identity.ts';
import type { LogRecord } from '../../lambdas/domain/log-record.ts';
import { sha256Hex } from '../../lambdas/domain/manifest.ts';
import type { RunRequest } from '../../lambdas/domain/recovery/request.ts';
import { windowStart } from '../../lambdas/domain/window.ts';
import { groupEvents, type Place } from '../../lambdas/project/group-events.ts';
import { quarantineEvent } from '../../lambdas/project/quarantine-refused.ts';
import { Archived, asked, scan } from '../support/archived.ts';
import { testContracts } from '../support/contracts.ts';
import { hostileStream, streamOf } from '../support/hostile-stream.ts';
import { MemoryArchive, MemoryShards } from '../support/memory-consumers.ts';
import { rawRecord, recordOf, SHARD } from '../support/records.ts';

const pace = { rate: 100, maxLagSeconds: 60 };
const everything: RunRequest = { ...asked, ...pace, verb: 'rebuild' };

async function archive(records: readonly LogRecord[], cut: number): Promise<Archived> {
  const archived = new Archived();
  const shards = new MemoryShards([{ shardId: SHARD, parents: [], open: true, startingHashKey: '0' }]);
  const ports = {
    archive: new MemoryArchive(() => {}, archived.objects),
    manifest: archived.manifest,
    shards,
  };
  for (let at = 0; at < records.length; at += cut) await archiveBatch(records.slice(at, at + cut), ports);
  return archived;
}

/** Where the projector puts each event, in the log's order. */
function projected(records: readonly LogRecord[]) {
  const { groups } = groupEvents(records, testContracts);
  return groups
    .flatMap(({ events, places }) => events.map((event, index) => ({ event, place: places[index]! })))
    .sort((a, b) => a.place.record - b.place.record || indexOf(a.place) - indexOf(b.place));
}
const indexOf = ({ accepted, envelope }: Place) =>
  accepted && 'events' in envelope ? envelope.events.indexOf(accepted) : 0;

/** What the projector says of an event that it refused. */
async function refusalOf(place: Place): Promise<LogRecord> {
  const ports = { fingerprints: { admit: async () => 'f' }, log: { publish: async () => [] } };
  const refusal = { code: 'conflict' as const, detail: 'd' };
  const { draft } = await quarantineEvent(place, refusal, ports as never);
  return recordOf({ v: 1, iid: 'projector', n: 1, acked: [], build: 'test', ...draft });
}

const cut = fc.integer({ min: 1, max: 6 });

describe('scan', () => {
  it('places every event and piece of quarantine as the projector does, and what that refused by its bucket', async () => {
    await fc.assert(
      fc.asyncProperty(hostileStream, cut, async (written, size) => {
        const { records } = streamOf(written);
        const first = projected(records);
        const refused = await Promise.all(first.map(({ place }) => refusalOf(place)));
        const all = [...records, ...refused];
        const { lines } = await scan(await archive(all, size), everything, { partitions: 1 });

        const expected = projected(all).map(({ event, place }) => ({
          ...{ kind: 'event', ...event, origin: place.origin },
          ...{ shardId: SHARD, sequence: all[place.record]!.sequence, index: indexOf(place) },
        }));
        const events = lines.flatMap((line) => (line.kind === 'event' ? [line] : []));
        expect(events.map(({ object: _, ...event }) => event)).toEqual(expected);
        expect(lines.filter(({ kind }) => kind === 'refused')).toEqual(
          first.map(({ event, place }) => ({
            ...{ kind: 'refused', key: event.key, origin: place.origin, code: 'conflict' },
          })),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('reads an envelope that was archived in base64, as the projector counts it', async () => {
    const [record] = streamOf([
      {
        events: [
          {
            specversion: '1.0',
            id: 'a',
            source: '/m',
            type: 'test.sum',
            subject: 's',
            time: '2026-11-21T07:00:00Z',
            data: { value: 1 },
          },
        ],
      },
    ]).records;
    const pretty = JSON.stringify(JSON.parse(record!.data.toString()), null, 1);
    const records = [rawRecord(Buffer.from(pretty))];
    const { lines } = await scan(await archive(records, 1), everything);
    expect(lines).toMatchObject([{ kind: 'event', id: 'a', sequence: records[0]!.sequence }]);
  });

  it('takes of the archive what the request asks for, and counts what no bucket takes', async () => {
    const range = fc.constantFrom(
      undefined,
      '2026-11-21T07:00:00Z',
      '2026-11-21T08:00:00Z',
      '2026-11-22T00:00:00Z',
    );
    const filter = fc.record({
      from: range,
      to: range,
      tenant: fc.constantFrom(undefined, 'acme', 'other'),
      subject: fc.constantFrom(undefined, 'alice'),
      types: fc.constantFrom<string[] | undefined>(
        undefined,
        ['test.every'],
        ['test.groups', 'weir.quarantine'],
      ),
    });
    await fc.assert(
      fc.asyncProperty(hostileStream, filter, async (written, { from, to, tenant, subject, types }) => {
        const { records } = streamOf(written);
        const archived = await archive(records, 3);
        const request = {
          ...everything,
          ...JSON.parse(JSON.stringify({ from, to, tenant, subject, types })),
        } as RunRequest;
        const { lines, counts } = await scan(archived, request);
        const isWanted = (key: BucketKey) =>
          (from === undefined || windowStart(key.window) >= Date.parse(from)) &&
          (to === undefined || windowStart(key.window) < Date.parse(to)) &&
          (tenant === undefined || key.tenant === tenant) &&
          (subject === undefined || key.subject === subject) &&
          (types === undefined || types.includes(key.type));
        const wanted = projected(records).filter(({ event }) => isWanted(event.key));
        const origins = lines.flatMap((line) => (line.kind === 'event' ? [line.origin] : []));
        expect(origins.sort()).toEqual(wanted.map(({ place }) => place.origin).sort());
        const { refused, undecodable, marks } = groupEvents(records, testContracts);
        const some = { uncountable: refused.length, unreadable: undecodable.length, marks: marks.length };
        for (const [name, count] of Object.entries(some)) expect(counts[name] ?? 0).toBe(count);
        expect(counts.records).toBe(records.length);
      }),
      { numRuns: 60 },
    );
  });

  it('gives identities, and nothing else, to whoever looks for one in two buckets', async () => {
    await fc.assert(
      fc.asyncProperty(hostileStream, async (written) => {
        const { records } = streamOf(written);
        const request: RunRequest = { ...asked, ...pace, verb: 'reconcile', repair: false, identities: true };
        const { lines } = await scan(await archive(records, 3), request, { partitions: 1 });
        expect(lines).toEqual(
          projected(records)
            .filter(({ place }) => place.accepted)
            .map(({ event: { key, source, id }, place: { origin } }) => ({
              ...{ kind: 'identity', key, origin },
              identity: hashIdentity(key.tenant, source, id).toString('hex', 0, 12),
            })),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('inflates no object without bound, and takes no line of one that is not what its entry says', async () => {
    const archived = await archive(streamOf([{ mark: '2026-11-21T09:00:00.000Z' }]).records, 1);
    const [entry] = archived.entries;
    for (const bytes of [
      gzipSync(Buffer.alloc(300 * 1024 * 1024)),
      gzipSync('{"seq":"1"}\n'),
      // Of its first and last record, and yet no line of ours.
      ...['"foo":1}', '"arrived":"xxxx","envelope":{}}', `"arrived":"${'x'.repeat(24)}","envelope":{}}`].map(
        (rest) => gzipSync(`{"seq":"${entry!.first}",${rest}\n`),
      ),
      gzipSync(`{"seq":"${entry!.first}","arrived":"2026-11-21T09:00:00.000Z","envelope":{}}x`),
      Buffer.from('x'),
    ]) {
      archived.objects.set(entry!.key, bytes);
      const entries = [{ ...entry!, sha256: sha256Hex(bytes) }];
      const { findings, counts, lines } = await scan(archived, everything, { entries });
      expect(findings.map(({ kind }) => kind)).toEqual(['object-differs']);
      expect([counts.damaged, lines]).toEqual([1, []]);
    }
  });
});
