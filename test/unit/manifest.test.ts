import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../lambdas/domain/log-record.ts';
import {
  archiveLines,
  chainHash,
  chainStart,
  describeContents,
  type ManifestEntry,
  nextManifestHead,
  objectKey,
  readRecord,
  recordsAfter,
} from '../../lambdas/domain/manifest.ts';

const event = (time: string | undefined, type = 'a.b') => ({
  schema: 1,
  event: { specversion: '1.0', id: 'i', source: '/s', type, subject: 'x', ...(time && { time }) },
});
const base = { v: 1, iid: 'a1', n: 1, acked: [], build: 'b', at: '2026-11-21T09:00:00.000Z' };
const sent = (tenant: string, more: object) => ({ ...base, tenant, producer: 'p', receipt: 'r', ...more });
const record = (
  sequence: number,
  body: object | Buffer | string,
  arrived = '2026-11-21T09:00:00.000Z',
): LogRecord => ({
  shardId: 'shardId-000000000000',
  sequence: String(sequence),
  arrivedMs: Date.parse(arrived),
  data: Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});
const describeAll = (...records: LogRecord[]) => describeContents(records.map(readRecord));

describe('what an object holds', () => {
  it('is described by arrivals, event times, tenants, types, fingerprints and the last mark', () => {
    const quarantine = { code: 'conflict', fingerprint: 'f1', detail: 'd', origin: 'o', input: null };
    expect(
      describeAll(
        record(
          1,
          sent('zoo', { events: [event('2026-11-21T08:00:00+02:00'), event(undefined, 'c.d')] }),
          '2026-11-21T09:00:02.000Z',
        ),
        record(5, { ...base, mark: '2026-11-21T09:00:00.000Z' }, '2026-11-21T09:00:01.000Z'),
        record(7, sent('acme', { quarantine })),
        record(8, { ...base, mark: '2026-11-21T09:01:00.000Z' }),
        record(9, Buffer.from([0xff])),
        record(
          10,
          sent('acme', { events: [event('2026-11-21T07:00:00.25Z'), event('never')] }),
          '2026-11-21T09:00:03.000Z',
        ),
      ),
    ).toEqual({
      ...{ first: '1', last: '10', records: 6, events: 4, mark: '2026-11-21T09:01:00.000Z' },
      arrived: { from: '2026-11-21T09:00:00.000Z', to: '2026-11-21T09:00:03.000Z' },
      times: { from: '2026-11-21T06:00:00.000Z', to: '2026-11-21T07:00:00.250Z' },
      ...{ tenants: ['acme', 'zoo'], types: ['a.b', 'c.d'], fingerprints: ['f1'] },
    });
  });

  it('has no times and no mark where there are none', () => {
    const contents = describeAll(record(1, 'garbage'));
    expect(contents).toMatchObject({ records: 1, events: 0, tenants: [], types: [], fingerprints: [] });
    expect(contents).not.toHaveProperty('times');
    expect(contents).not.toHaveProperty('mark');
  });

  it('says "many" beyond twenty', () => {
    const tenants = (count: number) =>
      describeAll(...Array.from({ length: count }, (_, i) => record(i, sent(`t${i}`, { events: [] }))))
        .tenants;
    expect(tenants(20)).toHaveLength(20);
    expect(tenants(21)).toBe('many');
  });
});

describe('F14 an archive line', () => {
  const lineOf = (body: object | Buffer | string) => archiveLines([readRecord(record(7, body))]);

  it('holds the envelope’s own text, byte for byte', () => {
    const text = `{ "v":1, ${JSON.stringify(sent('t', { events: [] })).slice(1, -1)}, "number": 1.0e+02 }`;
    expect(lineOf(text)).toBe(`{"seq":"7","arrived":"2026-11-21T09:00:00.000Z","envelope":${text}}\n`);
  });

  it.each<[string, Buffer | string]>([
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['nothing', Buffer.alloc(0)],
    ['text that is no envelope', 'hello'],
    ['an envelope of broken events', JSON.stringify(sent('t', { events: [null] }))],
    ['an envelope over several lines', JSON.stringify(sent('t', { events: [] }), null, 1)],
    [
      'an envelope with a byte that is no UTF-8 in a text',
      Buffer.concat([
        Buffer.from(JSON.stringify(sent('t', { events: [] })).slice(0, -1)),
        Buffer.from(',"x":"\xff"}', 'latin1'),
      ]),
    ],
  ])('holds %s as base64', (_name, body) => {
    const line = lineOf(body);
    expect(line.match(/\n/g)).toHaveLength(1);
    const { base64 } = JSON.parse(line);
    expect(Buffer.from(base64, 'base64')).toEqual(Buffer.from(body as string));
  });
});

describe('the manifest', () => {
  const contents = describeAll(
    record(1, sent('t', { events: [] }), '2026-11-21T23:59:59.999Z'),
    record(9, 'x', '2026-11-22T00:00:00.001Z'),
  );

  it('names an object by the arrival of its first record, its range and its hash', () => {
    expect(objectKey('shardId-000000000000', contents, 'abcdef0123456789ffff')).toBe(
      'archive/date=2026-11-21/hour=23/shard=shardId-000000000000/1-9-abcdef0123456789.ndjson.gz',
    );
  });

  it('adds up its head, and keeps the last mark that there was', () => {
    const entry = (more: Partial<ManifestEntry>): ManifestEntry => ({
      ...contents,
      ...{ shardId: 's', key: 'k', sha256: 'h', bytes: 10, versionId: 'v', chain: 'c' },
      ...more,
    });
    const first = nextManifestHead(undefined, entry({ mark: 'm1', chain: 'c1' }));
    const second = nextManifestHead(first, entry({ last: '12', events: 5, chain: 'c2' }));
    expect(first).toEqual({
      shardId: 's',
      last: '9',
      chain: 'c1',
      objects: 1,
      records: 2,
      events: 0,
      bytes: 10,
      mark: 'm1',
    });
    expect(second).toEqual({
      shardId: 's',
      last: '12',
      chain: 'c2',
      objects: 2,
      records: 4,
      events: 5,
      bytes: 20,
      mark: 'm1',
    });
  });

  it('takes what lies after its head by number, not by text', () => {
    const records = [9, 10, 11, 100].map((sequence) => record(sequence, 'x'));
    expect(recordsAfter(records, '10').map(({ sequence }) => sequence)).toEqual(['11', '100']);
    expect(recordsAfter(records, undefined)).toEqual(records);
  });

  it('chains so that any change shows', () => {
    type Link = Parameters<typeof chainHash>;
    const link: Link = ['previous', 'hash', '1', '9', 2];
    const changed: Link[] = [
      ['other', 'hash', '1', '9', 2],
      ['previous', 'other', '1', '9', 2],
      ['previous', 'hash', '2', '9', 2],
      ['previous', 'hash', '1', '8', 2],
      ['previous', 'hash', '1', '9', 3],
      ['previous', 'hash', '19', '', 2],
    ];
    expect(new Set([link, ...changed].map((each) => chainHash(...each))).size).toBe(7);
    expect(
      new Set([chainStart('a', []), chainStart('b', []), chainStart('a', ['b']), chainStart('a', ['b', 'c'])])
        .size,
    ).toBe(4);
  });
});
