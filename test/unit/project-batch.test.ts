import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import type { QuarantineDraft } from '../../lambdas/domain/envelope.ts';
import type { Item } from '../../lambdas/domain/head-item.ts';
import { partitionKeyOf } from '../../lambdas/domain/partition-key.ts';
import { ContendedError } from '../../lambdas/project/count-bucket.ts';
import { QuarantineNotKeptError } from '../../lambdas/project/project-batch.ts';
import { PageMissingError } from '../../lambdas/project/sealed-pages.ts';
import { World } from '../support/projector.ts';
import { readBuckets } from '../support/read-state.ts';
import { eventsRecord, markRecord, rawRecord, SHARD } from '../support/records.ts';

const reading = (id: string, value: number, more: Partial<CloudEvent> = {}): CloudEvent => ({
  ...{ specversion: '1.0', id, source: '/m', type: 'test.sum', subject: 'alice' },
  time: '2026-11-21T07:00:00Z',
  data: { value },
  ...more,
});
const readings = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => reading(`r${from + index}`, 1));
const stored = (world: World, bucket = 'alice 2026-11-21T07') =>
  readBuckets(world.table, 'test.sum').get(bucket);
const codes = (world: World) =>
  world.log.drafts.map((draft) => ('quarantine' in draft ? draft.quarantine.code : 'none'));

describe('F2 a reused id', () => {
  it('with other content is neither counted nor swallowed: the first one stands, the other is kept', async () => {
    const world = new World();
    await world.deliver([eventsRecord([reading('r0', 1)])]);
    const conflict = eventsRecord([reading('r1', 2), reading('r0', 5)]);
    expect(await world.instance()([conflict])).toMatchObject({
      counted: 1,
      conflicts: 1,
      duplicates: 0,
      errors: [],
    });
    expect(stored(world)?.head).toMatchObject({ n: '2', m: { total: { all: '3' } } });
    expect(world.log.drafts).toMatchObject([
      {
        tenant: 'acme',
        receipt: 'r-1',
        quarantine: {
          ...{ code: 'conflict', type: 'test.sum', schema: 1, origin: `${SHARD}:${conflict.sequence}:1` },
          input: reading('r0', 5),
        },
      },
    ]);
  });

  it('within one batch is a conflict too, and a sealed page knows as well as the open one', async () => {
    const world = new World();
    await world.deliver([eventsRecord([reading('r0', 1), reading('r0', 2)])]);
    expect(codes(world)).toEqual(['conflict']);
    await world.deliver([eventsRecord(readings(200, 1))]);
    expect(stored(world)?.head.tail).toBeDefined();
    await world.deliver([eventsRecord([reading('r0', 3), reading('r0', 1), reading('r9', 9)])]);
    expect(codes(world)).toEqual(['conflict', 'conflict', 'conflict']);
    expect(stored(world)?.head).toMatchObject({ n: '201', m: { total: { all: '201' } } });
  });
});

describe('what recovery has sent again', () => {
  it('is told apart from live traffic, whether it was counted or known', async () => {
    const world = new World();
    const live = eventsRecord(readings(3));
    const replay = eventsRecord(readings(5, 1), { replay: 'run-1' });
    expect(await world.instance()([live, eventsRecord(readings(1)), replay])).toMatchObject({
      ...{ counted: 6, duplicates: 3 },
      ...{ replayedCounted: 3, replayedDuplicates: 2 },
    });
    expect(await world.instance()([live])).toMatchObject({
      ...{ duplicates: 3, replayedCounted: 0, replayedDuplicates: 0 },
    });
  });
});

describe('P3 what is refused', () => {
  it('is not acknowledged before its quarantine is in the log', async () => {
    const world = new World();
    const records = [
      eventsRecord([reading('r0', 1)]),
      eventsRecord([reading('r1', 1, { type: 'test.unknown' })]),
      markRecord('2026-11-21T09:00:00.000Z'),
    ];
    world.log.refuse = () => true;
    const refused = await world.instance()(records);
    expect(refused).toMatchObject({ failedFrom: 1, counted: 1 });
    expect(refused.errors).toEqual([expect.any(QuarantineNotKeptError)]);
    expect(world.progress.passes.size).toBe(0);
    world.log.refuse = () => false;
    expect(await world.instance()(records.slice(1))).not.toHaveProperty('failedFrom');
    expect(codes(world)).toEqual(['unknown-type']);
    expect(world.progress.passes.get(SHARD)?.mark).toBe('2026-11-21T09:00:00.000Z');
  });

  it('has time to be kept after a bucket has been waited for until the deadline', async () => {
    const world = new World();
    let left = Number.NaN;
    const publish = world.log.publish.bind(world.log);
    world.log.publish = (entries, deadline) => {
      left = deadline - world.now;
      return publish(entries, deadline);
    };
    const unknown = reading('a', 1, { type: 'no.such.type' });
    const project = world.instance((operation) => {
      if (operation === 'putHead')
        throw Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
    });
    const { failedFrom } = await project([eventsRecord([unknown]), eventsRecord([reading('b', 1)])]);
    expect([failedFrom, codes(world)]).toEqual([1, ['unknown-type']]);
    expect(left).toBeGreaterThanOrEqual(3_000);
  });

  it('takes no neighbour down, in its envelope or beside it', async () => {
    const world = new World();
    const hostile = [
      reading('r1', 1, { type: '__proto__' }),
      reading('r2', Number.MAX_VALUE),
      reading('r3', 1, { time: 'x' }),
    ];
    const result = await world.instance()([eventsRecord([reading('r0', 1), ...hostile, reading('r4', 1)])]);
    expect(result).toMatchObject({ counted: 2, refused: 3, errors: [] });
    expect(stored(world)?.head.n).toBe('2');
    expect(codes(world).sort()).toEqual(['number-out-of-range', 'time-invalid', 'unknown-type']);
  });
});

describe('P6 tenants', () => {
  it('with the same subjects, types, windows and ids are counted apart, next to each other in a batch', async () => {
    const world = new World();
    const from = (tenant: string, value: number) => eventsRecord([reading('r0', value)], { tenant });
    const result = await world.instance()([from('acme', 1), from('zoo', 2), from('acme', 1), from('zoo', 2)]);
    expect(result).toMatchObject({ counted: 2, duplicates: 2, conflicts: 0 });
    for (const [tenant, total] of [
      ['acme', '1'],
      ['zoo', '2'],
    ]) {
      const head = world.table.read(`${tenant}#alice B#test.sum#2026-11-21T07`);
      expect(head).toMatchObject({ n: { N: '1' }, m: { M: { total: { M: { all: { N: total } } } } } });
    }
  });
});

describe('P3 what fails', () => {
  const denied = new Error('denied');
  const throttled = Object.assign(new Error('slow down'), { name: 'ThrottlingException' });

  it.each(
    ['heads', 'pages', 'putPage', 'putHead'].flatMap((operation) => [
      { operation, error: denied },
      { operation, error: throttled },
    ]),
  )(
    'in $operation ($error.message) is not acknowledged, and counted when it comes again',
    async ({ operation, error }) => {
      const world = new World();
      await world.deliver([eventsRecord(readings(100))]);
      const records = [markRecord('2026-11-21T09:00:00.000Z'), eventsRecord(readings(200))];
      const project = world.instance((called) => {
        if (called === operation) throw error;
      });
      const result = await project(records);
      expect(result).toMatchObject({ failedFrom: 1, counted: 0, errors: [error] });
      expect(stored(world)?.head.n).toBe('100');
      await world.deliver(records);
      expect(stored(world)?.head.n).toBe('200');
    },
  );

  it.each<[string, Item]>([
    ['is damaged', { digest: { S: 'none' } }],
    ['is of a newer build', { revision: { N: '9' } }],
  ])('F8: in a bucket whose head %s is that bucket’s alone', async (_name, damage) => {
    const world = new World();
    const head = 'acme#alice B#test.sum#2026-11-21T07';
    const bob = (id: string) => eventsRecord([reading(id, 1, { subject: 'bob' })]);
    await world.deliver([eventsRecord(readings(3)), bob('r0')]);
    const damaged = { ...world.table.read(head)!, ...damage };
    world.table.write(head, damaged);
    const records = [bob('r1'), eventsRecord([reading('new', 1)]), bob('r2')];
    const result = await world.instance()(records);
    expect(result).toMatchObject({ failedFrom: 1, counted: 2, refused: 0 });
    expect(result.errors).toHaveLength(1);
    expect(world.table.read(head)).toBe(damaged);
    expect(world.table.read('acme#bob B#test.sum#2026-11-21T07')).toMatchObject({ n: { N: '3' } });
  });

  it('F8: within one event is that event’s alone: it is kept, and the rest counted', async () => {
    const world = new World();
    const poison = reading('r1', 1, {
      type: 'test.groups',
      data: { value: 1, region: { toString: 'poison' } },
    });
    const good = reading('r2', 1, { type: 'test.groups', data: { value: 1, region: 'eu' } });
    expect(await world.instance()([eventsRecord([poison, good, reading('r3', 1)])])).toMatchObject({
      ...{ counted: 2, refused: 1, errors: [] },
    });
    expect(codes(world)).toEqual(['projection-failed']);
    expect(world.log.drafts).toMatchObject([{ quarantine: { input: poison } }]);
  });
});

describe('a mark', () => {
  const marks = [markRecord('2026-11-21T09:00:00.000Z'), markRecord('2026-11-21T09:01:00.000Z')] as const;

  it('is noted only for what lies before the first failure', async () => {
    const world = new World();
    const project = world.instance((operation, moment) => {
      if (operation === 'putHead' && moment === 'before') throw new Error('denied');
    });
    const result = await project([marks[0], eventsRecord([reading('r0', 1)]), marks[1]]);
    expect(result).toMatchObject({ failedFrom: 1, counted: 0 });
    expect(world.progress.passes.get(SHARD)).toEqual({
      mark: '2026-11-21T09:00:00.000Z',
      sequence: marks[0].sequence,
    });
  });

  it('that could not be noted comes again', async () => {
    const world = new World();
    const project = world.instance((operation) => {
      if (operation === 'passed') throw new Error('denied');
    });
    expect(await project([marks[0], eventsRecord([reading('r0', 1)])])).toMatchObject({
      failedFrom: 0,
      counted: 1,
    });
  });
});

describe('P2 a page that the chain names', () => {
  const bob = (event: CloudEvent) => ({ ...event, subject: 'bob' });

  /** A world whose alice has sealed pages, and the name of the last one in the table. */
  async function sealedWorld() {
    const world = new World();
    for (let from = 0; from < 600; from += 100) await world.deliver([eventsRecord(readings(100, from))]);
    const tail = stored(world)!.head.tail as string;
    expect(tail).toBeDefined();
    return { world, page: `acme#alice ${tail}` };
  }

  it('and that is missing fails its bucket, and that alone, rather than be taken for empty', async () => {
    const { world, page } = await sealedWorld();
    world.table.versions.delete(page);
    const head = world.table.read('acme#alice B#test.sum#2026-11-21T07');
    const result = await world.instance()([
      eventsRecord([bob(reading('r0', 1))]),
      eventsRecord([reading('r0', 1), reading('new', 1)]),
    ]);
    expect(result).toMatchObject({ failedFrom: 1, counted: 1, duplicates: 0 });
    expect(result.errors).toEqual([expect.any(PageMissingError)]);
    expect(world.table.read('acme#alice B#test.sum#2026-11-21T07')).toBe(head);
    expect(world.table.read('acme#bob B#test.sum#2026-11-21T07')).toMatchObject({ n: { N: '1' } });
  });

  it('is read strongly where the listing does not have it yet', async () => {
    const { world, page } = await sealedWorld();
    const stale = world.instance(
      () => {},
      () => (world.table.versions.get(page)!.length > 0 ? 1 : 0),
    );
    await world.deliver([eventsRecord([...readings(600), reading('new', 1)])], stale);
    expect(stored(world)?.head.n).toBe('601');
  });

  it('is written before the head that names it', async () => {
    const calls: string[] = [];
    const world = new World();
    const project = world.instance((operation, moment) => {
      if (moment === 'after' && operation.startsWith('put')) calls.push(operation);
    });
    await project([eventsRecord(readings(200))]);
    expect(calls).toEqual(['putPage', 'putHead']);
  });
});

describe('P2 a lost race', () => {
  it('gives verdicts on what the winner wrote, not on what was read before', async () => {
    const world = new World();
    const batch = [eventsRecord([reading('r0', 1), reading('r1', 1)])];
    let raced = false;
    const project = world.instance(async (operation, moment) => {
      if (operation !== 'putHead' || moment !== 'before' || raced) return;
      raced = true;
      await world.deliver([eventsRecord([reading('r0', 5)])]);
    });
    expect(await project(batch)).toMatchObject({ counted: 1, conflicts: 1 });
    expect(stored(world)?.head).toMatchObject({ n: '2', m: { total: { all: '6' } } });
  });

  it('over and over is given up, and the batch comes again', async () => {
    const world = new World();
    let winners = 0;
    const project = world.instance(async (operation, moment) => {
      if (operation === 'putHead' && moment === 'before')
        await world.deliver([eventsRecord([reading(`w${winners++}`, 1)])]);
    });
    const result = await project([eventsRecord([reading('r0', 1)])]);
    expect(result).toMatchObject({ failedFrom: 0, counted: 0 });
    expect(result.errors).toEqual([expect.any(ContendedError)]);
    expect(stored(world)?.head.n).toBe(String(winners));
  });
});

describe('a batch that brings nothing new', () => {
  it('writes nothing', async () => {
    const world = new World();
    const batch = [eventsRecord(readings(200))];
    await world.deliver(batch);
    const calls: string[] = [];
    const project = world.instance((operation) => {
      calls.push(operation);
    });
    expect(await project(batch)).toMatchObject({ counted: 0, duplicates: 200 });
    expect(calls.filter((operation) => !['heads', 'pages'].includes(operation))).toEqual([]);
  });
});

describe('a bucket larger than a page', () => {
  it('is counted in chunks, each id once, no page above 10,000', async () => {
    const world = new World();
    await world.deliver([eventsRecord(readings(12_000)), eventsRecord(readings(12_000, 6_000))]);
    const { head, ids } = stored(world)!;
    expect(head.n).toBe('18000');
    expect(ids).toHaveLength(18_000);
    expect(new Set(ids).size).toBe(18_000);
    const pages = [...world.table.versions]
      .filter(([name]) => name.includes(' P#'))
      .flatMap(([, versions]) => versions);
    for (const { ids: page } of pages)
      expect((page as { B: Buffer }).B.length).toBeLessThanOrEqual(10_000 * 16);
  });
});

describe('a head', () => {
  const arriving = (event: CloudEvent, arrived: string) => ({
    ...eventsRecord([event]),
    arrivedMs: Date.parse(arrived),
  });

  it('is in the index of the last month in which anything arrived for it, by the subject’s slot', async () => {
    const world = new World();
    const touched = async (id: string, arrived: string) => {
      await world.deliver([arriving(reading(id, 1), arrived)]);
      return stored(world)?.head.touched;
    };
    // SHA-256 of the length-prefixed "alice" begins with 0xe3: slot 3 of 16.
    expect(await touched('r0', '2026-11-30T23:59:59.999Z')).toBe('acme#2026-11#3');
    expect(await touched('r1', '2026-12-01T00:00:00.000Z')).toBe('acme#2026-12#3');
    expect(await touched('r2', '2027-01-31T12:00:00.000Z')).toBe('acme#2027-01#3');
    // What comes again late, or from a zombie, does not take it back.
    expect(await touched('r3', '2026-11-30T23:59:59.999Z')).toBe('acme#2027-01#3');
  });

  it('names the last record that was counted into it', async () => {
    const world = new World();
    const records = [eventsRecord([reading('r0', 1)]), eventsRecord([reading('r1', 1)])] as const;
    await world.deliver([...records, eventsRecord([reading('r0', 1, { subject: 'bob' })])]);
    expect(stored(world)?.head.upTo).toBe(`${SHARD}:${records[1].sequence}`);
  });
});

describe('the quarantine of a refused event', () => {
  const refused = (more: object) => eventsRecord([reading('r1', 1, { type: 'test.unknown' })], more);

  it('keeps where the event came from', async () => {
    const world = new World();
    const from = {
      tenant: 'zoo',
      producer: 'p9',
      receipt: 'r-9',
      at: '2026-11-20T23:00:00.000Z',
      trace: '00-ab-cd-01',
    };
    await world.deliver([refused(from)]);
    expect(world.log.drafts).toMatchObject([from]);
    expect(world.log.drafts[0]).not.toHaveProperty('replay');
  });

  it('P8: of a replayed one is the same again, by the place where it stood first', async () => {
    const world = new World();
    const first = refused({});
    await world.deliver([first]);
    const origin = `${SHARD}:${first.sequence}:0`;
    const again = [{ schema: 1, origin, event: reading('r1', 1, { type: 'test.unknown' }) }];
    await world.deliver([refused({ replay: 'run-1', at: '2026-11-21T10:30:00.000Z', events: again })]);
    expect(world.log.drafts).toMatchObject([
      { quarantine: { origin } },
      { replay: 'run-1', quarantine: { origin } },
    ]);
    const written = world.log.records.map(({ text }) => rawRecord(Buffer.from(text)));
    await world.deliver(written);
    expect(world.log.records).toHaveLength(written.length);
    const lines = [...readBuckets(world.table, 'weir.quarantine').values()];
    expect(lines.map(({ head }) => head.n)).toEqual(['1']);
  });

  it('of a record that holds no envelope has its bytes, and is nobody’s', async () => {
    const world = new World();
    const bytes = Buffer.from([0xff, 0x00, 0x7b]);
    const record = rawRecord(bytes);
    expect(await world.instance()([record])).toMatchObject({ refused: 1, errors: [] });
    const quarantine = {
      code: 'projection-failed',
      origin: `${SHARD}:${record.sequence}`,
      input: bytes.toString('base64'),
    };
    expect(world.log.drafts).toMatchObject([
      { tenant: 'weir', producer: 'log', at: '2026-11-21T09:00:00.000Z', quarantine },
    ]);
  });

  it('of a record as large as the log takes fits a record again', async () => {
    const world = new World();
    expect(await world.instance()([rawRecord(Buffer.alloc(1024 * 1024, 0xff))])).toMatchObject({
      refused: 1,
      errors: [],
    });
    expect(world.log.records).toHaveLength(1);
    const { quarantine } = world.log.drafts[0] as QuarantineDraft;
    expect(quarantine.input).toBe(Buffer.alloc(512 * 1024, 0xff).toString('base64'));
  });

  it('of an event whose numbers grow when they are written out again fits a record, cut', async () => {
    const world = new World();
    await world.deliver([eventsRecord([reading('a', 1)])]);
    const grown = reading('a', 2, { data: { value: 2, padding: Array(40_000).fill(1e20) } });
    await world.deliver([eventsRecord([grown])]);
    const [draft] = world.log.drafts as QuarantineDraft[];
    expect(draft?.quarantine.code).toBe('conflict');
    expect(draft?.quarantine.input).toMatch(/^\{"specversion":"1.0","id":"a"/);
  });

  it('goes where its line is counted: one line, one shard, in order', async () => {
    const world = new World();
    await world.deliver([refused({}), refused({ producer: 'other' })]);
    const lines = (world.log.drafts as QuarantineDraft[]).map(({ tenant, quarantine }) =>
      partitionKeyOf(tenant, quarantine.fingerprint),
    );
    expect(world.log.records.map(({ partitionKey }) => partitionKey)).toEqual(lines);
    expect(new Set(lines).size).toBe(2);
  });

  it('has a sample of at most 4 KiB', async () => {
    const world = new World();
    const large = reading('r1', 1, { type: 'test.unknown', data: { note: 'x'.repeat(10_000) } });
    await world.deliver([eventsRecord([large])]);
    await world.deliver(world.log.records.map(({ text }) => rawRecord(Buffer.from(text))));
    const [sample] = world.samples.samples.values();
    expect(sample).toMatchObject({
      ...{ tenant: 'acme', producer: 'meter', receipt: 'r-1', first: '2026-11-21T09:00:00.000Z' },
      ...{ code: 'unknown-type', type: 'test.unknown', schema: 1, pointer: '/type' },
    });
    expect(sample!.input).toHaveLength(4097);
    expect(sample!.input.startsWith('{"specversion":"1.0","id":"r1"')).toBe(true);
  });
});
