import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import type {
  PreviewRequest,
  RebuildRequest,
  ReconcileRequest,
  VerifyRequest,
} from '../../lambdas/domain/recovery/request.ts';
import { RunRefusedError, runFiles } from '../../lambdas/domain/recovery/run.ts';
import { testContracts } from '../support/contracts.ts';
import { meaningOf, RecoveryWorld } from '../support/recovery-world.ts';
import { tamperings } from '../support/tamper.ts';

const asked = { operator: 'tests', reason: 'unit', dryRun: false };
const pace = { rate: 1000, maxLagSeconds: 60 };
const reconcile: ReconcileRequest = {
  ...{ ...asked, ...pace, verb: 'reconcile', requestId: 'reconcile' },
  ...{ repair: true, identities: false },
};
const rebuild: RebuildRequest = { ...asked, ...pace, verb: 'rebuild', requestId: 'rebuild' };
const preview: PreviewRequest = { ...asked, verb: 'preview', requestId: 'preview' };

const event = (id: string, type: string, data: object): CloudEvent => ({
  ...{ specversion: '1.0', id, source: '/meters/1', type, subject: 'alice' },
  ...{ time: '2026-11-21T07:00:00Z', data },
});
const tamper = (world: RecoveryWorld, what: string, name: string) =>
  tamperings.find((each) => each.what === what)!.to(world.table, name);
const headOf = (world: RecoveryWorld, name: string) =>
  meaningOf(world.table)[name] as { n: string } | undefined;

describe('P3: what the projector refused', () => {
  /** A world in which events of a type came before its contract. */
  async function beforeItsContract() {
    const contracts = new Map(testContracts);
    contracts.delete('test.sum');
    const world = new RecoveryWorld(contracts);
    await world.send([event('1', 'test.sum', { value: 1 }), event('2', 'test.sum', { value: 2 })]);
    await world.drain();
    contracts.set('test.sum', testContracts.get('test.sum')!);
    await world.send([event('3', 'test.sum', { value: 3 })]);
    return world;
  }
  const name = 'acme#alice B#test.sum#2026-11-21T07';

  it('is not missing, though this build can count it', async () => {
    const world = await beforeItsContract();
    expect((await world.run(reconcile)).kinds).toEqual([]);
    expect(headOf(world, name)?.n).toBe('1');
  });

  it('is not missing either where its quarantine reaches the archive after the plan', async () => {
    const world = new RecoveryWorld();
    await world.send([
      ...['eu', 'us', 'ap'].map((region) => event(region, 'test.groups', { region, value: 1 })),
    ]);
    await world.archive();
    expect((await world.run(reconcile)).kinds).toEqual([]);
  });

  /** What the projector says where it refuses one, by `replay` or for the first time. */
  async function refuse(world: RecoveryWorld, index: number): Promise<void> {
    const [record] = world.records(index, index + 1);
    const envelope = JSON.parse(record!.data.toString());
    const { tenant, producer, at, receipt, replay, events } = envelope;
    const origin = events[0].origin ?? `${record!.shardId}:${record!.sequence}:0`;
    const quarantine = {
      code: 'projection-failed' as const,
      fingerprint: 'f'.repeat(32),
      detail: 'd',
      origin,
    };
    const input = { type: events[0].event.type, schema: 1, input: events[0].event };
    const draft = { tenant, producer, at, receipt, quarantine: { ...quarantine, ...input } };
    const sent = replay === undefined ? draft : { ...draft, replay };
    await world.projector.log.publish([{ draft: sent, partitionKey: 'any' }], 0);
  }
  const certify: VerifyRequest = { ...asked, verb: 'verify', requestId: 'verify', certificate: true };

  it('is missing where it was redriven, counted, and lost', async () => {
    const world = new RecoveryWorld();
    await world.send([event('1', 'test.sum', { value: 1 })]);
    world.skip(1);
    await refuse(world, 0);
    await world.drain();
    expect((await world.run(reconcile)).kinds).toEqual([]);
    await world.replay(0);
    await world.drain();
    expect(headOf(world, name)?.n).toBe('1');
    world.table.versions.delete(name);
    const counts = (await world.run({ ...certify, requestId: 'before' })).results[0]!.counts;
    expect(counts).toMatchObject({ missing: 1, failed: 0 });
    expect((await world.run({ ...reconcile, requestId: 'lost' })).kinds).toEqual(['missing-bucket']);
    await world.resendMissing('lost');
    expect(headOf(world, name)?.n).toBe('1');
  });

  it('is not missing where a later sending was refused, and is not called so for ever', async () => {
    const world = new RecoveryWorld();
    await world.send([event('1', 'test.sum', { value: 1 })]);
    world.skip(1);
    await world.drain();
    await world.replay(0);
    world.skip(9);
    for (const times of [1, 2]) await refuse(world, world.records().length - times);
    await world.drain();
    expect((await world.run(reconcile)).kinds).toEqual([]);
    const counts = (await world.run(certify)).results[0]!.counts;
    expect(counts).toMatchObject({ missing: 0, failed: 1 });
  });

  it('is counted by a rebuild', async () => {
    const world = await beforeItsContract();
    expect((await world.run(rebuild)).kinds).toEqual([]);
    expect(headOf(world, name)?.n).toBe('3');
    expect((await world.run({ ...reconcile, requestId: 'again' })).kinds).toEqual([]);
  });
});

it('P4: keeps the groups that state has chosen, when it writes a bucket anew', async () => {
  const world = new RecoveryWorld();
  await world.send([event('never projected', 'test.groups', { region: 'ap', value: 1 })]);
  world.skip(1);
  await world.send(['eu', 'us'].map((region) => event(region, 'test.groups', { region, value: 1 })));
  await world.drain();
  const before = meaningOf(world.table);
  tamper(world, 'total changed', 'acme#alice B#test.groups#2026-11-21T07');
  expect((await world.run(reconcile)).kinds).toEqual(['aggregates-differ']);
  expect(meaningOf(world.table)).toEqual(before);
});

describe('P3: a bucket that is written anew, or put back', () => {
  const name = 'acme#alice B#test.sum#2026-11-21T07';
  const touched = (world: RecoveryWorld) => (world.table.read(name)!.touched as { S: string }).S;

  it('is touched in that month, so that who has closed its own month before learns of it', async () => {
    const world = new RecoveryWorld();
    await world.send([event('1', 'test.sum', { value: 1 })]);
    await world.drain();
    tamper(world, 'total changed', name);
    world.now = Date.parse('2027-02-03T00:00:00Z');
    expect((await world.run(rebuild)).results[0]!.counts.bucketsRewritten).toBe(1);
    expect(touched(world)).toMatch(/^acme#2027-02#/);
    world.now = Date.parse('2027-03-04T00:00:00Z');
    const undone = await world.run({ ...rebuild, requestId: 'undo', undo: rebuild.requestId });
    expect(undone.results[0]!.counts.bucketsRestored).toBe(1);
    expect(touched(world)).toMatch(/^acme#2027-03#/);
    world.now = Date.parse('2027-01-01T00:00:00Z');
    await world.run({ ...rebuild, requestId: 'again' });
    expect(touched(world)).toMatch(/^acme#2027-03#/);
  });

  it('has what a clock ahead would have hidden: it waits for a mark of its own', async () => {
    const world = new RecoveryWorld();
    await world.send([event('1', 'test.sum', { value: 1 })]);
    await world.drain();
    world.beforePlan = async () => {
      const mark = '2027-11-21T09:00:00.000Z';
      await world.projector.log.publish([{ draft: { mark, at: mark }, partitionKey: 'mark' }], 0);
      await world.drain();
      // Counted, and not archived yet.
      await world.send([event('2', 'test.sum', { value: 2 })]);
      await world.project();
    };
    expect((await world.run(reconcile)).kinds).toEqual([]);
    expect(headOf(world, name)?.n).toBe('2');
  });
});

describe('P3: records that another build has written and this one does not know', () => {
  const name = 'acme#alice B#test.sum#2026-11-21T07';

  /** State holds two events; the record of one is of a form to come. */
  async function afterGoingBack() {
    const world = new RecoveryWorld();
    await world.send([event('1', 'test.sum', { value: 1 })]);
    await world.send([event('2', 'test.sum', { value: 2 })]);
    await world.project();
    const [first] = world.projector.log.records;
    world.projector.log.records[0] = { ...first!, text: first!.text.replace('"v":1', '"v":2') };
    return world;
  }

  it('are not taken for events that the archive never had', async () => {
    const world = await afterGoingBack();
    expect((await world.run(reconcile)).kinds).toEqual(['unprovable']);
    expect(headOf(world, name)?.n).toBe('2');
  });

  it('are not left out by a rebuild', async () => {
    const world = await afterGoingBack();
    await expect(world.run(rebuild)).rejects.toThrow(RunRefusedError);
    expect(headOf(world, name)?.n).toBe('2');
  });

  it('are not taken so either where they came after the plan', async () => {
    const world = new RecoveryWorld();
    await world.send([event('1', 'test.sum', { value: 1 })]);
    world.beforePlan = async () => {
      await world.send([event('2', 'test.sum', { value: 2 })]);
      await world.project();
      const { records } = world.projector.log;
      const last = records.pop()!;
      records.push({ ...last, text: last.text.replace('"v":1', '"v":2') });
    };
    expect((await world.run(reconcile)).kinds).toEqual(['unprovable']);
    expect(headOf(world, name)?.n).toBe('2');
  });

  it('are named; what is no record of Weir’s at all is in nobody’s way', async () => {
    const world = await afterGoingBack();
    await world.prepare(reconcile);
    const scanned = await world.files.get('reconcile', runFiles.scanned(0));
    expect(JSON.parse(scanned!.toString())).toMatchObject({
      counts: { unreadable: 1, otherBuilds: 1, damaged: 1 },
      findings: [{ kind: 'records-unread', detail: expect.stringContaining('1 of its records') }],
    });
    const other = new RecoveryWorld();
    await other.send([event('1', 'test.sum', { value: 1 })]);
    for (const text of ['no envelope', '[{"v":2}]', 'null', '{"v":"2"}'])
      other.projector.log.records.push({ text, partitionKey: 'any' });
    await other.drain();
    tamper(other, 'total changed', name);
    expect((await other.run(rebuild)).kinds).toEqual([]);
  });
});

describe('a head of another build', () => {
  it('is found, and left alone whatever is asked', async () => {
    const world = new RecoveryWorld();
    await world.send([event('1', 'test.sum', { value: 1 })]);
    await world.drain();
    const name = 'acme#alice B#test.sum#2026-11-21T07';
    world.table.write(name, { ...world.table.read(name)!, revision: { N: '9' } });
    const versions = world.table.versions.size;
    for (const request of [reconcile, rebuild, preview]) {
      const { kinds, results } = await world.run(request);
      expect(kinds).toEqual(['head-unreadable']);
      expect(results[0]!.findings[0]!.detail).toContain('revision 9');
    }
    expect(world.table.read(name)!.revision).toEqual({ N: '9' });
    expect(world.table.versions.size).toBe(versions);
  });
});

it('P2: never forces a bucket that others write all the time: it says that it is moving', async () => {
  const world = new RecoveryWorld();
  const name = 'acme#alice B#test.sum#2026-11-21T07';
  await world.send([event('0', 'test.sum', { value: 1 })]);
  await world.drain();
  tamper(world, 'total changed', name);
  let id = 0;
  const more = async () => {
    await world.send([event(`${++id}`, 'test.sum', { value: 1 })]);
    await world.project();
  };
  world.during = async (operation, moment) => {
    if (operation === 'replace' && moment === 'before') await more();
  };
  const { kinds, differences } = await world.run(reconcile);
  expect(kinds).toEqual(['aggregates-differ', 'moving']);
  expect(differences.map(({ kind }) => kind)).not.toContain('rebuilt');
  expect(headOf(world, name)?.n).toBe(String(id + 1));
});

it('does nothing again that is done', async () => {
  const world = new RecoveryWorld();
  await world.send([event('1', 'test.sum', { value: 1 })]);
  await world.drain();
  const first = await world.run(reconcile);
  const calls: string[] = [];
  world.during = (operation) => void calls.push(operation);
  expect(await world.fold(reconcile)).toEqual(first);
  expect(new Set(calls)).toEqual(new Set(['get']));
});

it('of an identity with two contents, lists it and finds nothing wrong', async () => {
  const world = new RecoveryWorld();
  await world.send([event('1', 'test.sum', { value: 1 })]);
  await world.send([event('1', 'test.sum', { value: 2 })]);
  const { kinds, differences } = await world.run(reconcile);
  expect(kinds).toEqual([]);
  expect(differences).toMatchObject([{ kind: 'two-contents', of: [{ source: '/meters/1', id: '1' }] }]);
});

describe('P4: of an identity whose first content the projector refused', () => {
  const name = 'acme#alice B#test.sum#2026-11-21T07';
  const total = (world: RecoveryWorld) => (meaningOf(world.table)[name] as { m: object }).m;

  /** State counts the second content; by revision 2, which reads another value, either can be counted. */
  async function withTwoContents(first: object, second: object, lost = 0) {
    const contracts = new Map(testContracts);
    const world = new RecoveryWorld(contracts);
    await world.send([event('x', 'test.sum', first)]);
    world.archiveNothing(lost);
    await world.send([event('x', 'test.sum', second)]);
    await world.drain();
    const sum = contracts.get('test.sum')!;
    const [one] = sum.revisions;
    const meters = one!.meters.map((meter) => ({ ...meter, value: '/other' }));
    contracts.set('test.sum', { ...sum, revisions: [one!, { ...one!, replaces: 1, meters }] });
    return world;
  }
  const refused = { value: 'much', other: 1000 };
  const counted = { value: 5, other: 5 };

  it.each([
    ['before', refused, counted],
    ['after', counted, refused],
  ])('a rebuild keeps state’s choice, which came %s', async (_, first, second) => {
    const world = await withTwoContents(first, second);
    const before = total(world);
    expect(before).toBeDefined();
    expect((await world.run(rebuild)).kinds).toEqual([]);
    expect(world.table.read(name)!.revision).toEqual({ N: '2' });
    expect(total(world)).toEqual(before);
  });

  it('a rebuild by the revision that refused it calls nothing uncountable', async () => {
    const world = await withTwoContents(refused, counted);
    tamper(world, 'total changed', name);
    const { kinds } = await world.run({ ...rebuild, revisions: { 'test.sum': 1 } });
    expect(kinds).toEqual([]);
    expect(world.table.read(name)!.epoch).toEqual({ N: '2' });
  });

  it('a rebuild that can’t count state’s choice says so, and takes no other content for it', async () => {
    const world = await withTwoContents({ value: 7, other: 'much' }, { value: 5, other: 5 });
    const { kinds } = await world.run(rebuild);
    expect(kinds).toEqual(['uncountable']);
    expect(world.table.read(name)!.n).toEqual({ N: '0' });
  });

  it('a rebuild leaves alone what the archive has with another content only, though it can’t count that', async () => {
    const world = await withTwoContents({ value: 7, other: 7 }, { value: 5, other: 'much' }, 1);
    const before = total(world);
    expect((await world.run(rebuild)).kinds).toEqual(['ids-changed']);
    expect(total(world)).toEqual(before);
  });
});

describe('a bucket in whose window no revision is in force', () => {
  it.each([rebuild, preview])(
    'is left as it is by a run that has none to count it by: %o',
    async (request) => {
      const contracts = new Map(testContracts);
      const world = new RecoveryWorld(contracts);
      await world.send([event('1', 'test.sum', { value: 1 })]);
      await world.drain();
      const before = meaningOf(world.table);
      const sum = contracts.get('test.sum')!;
      contracts.set('test.sum', {
        ...sum,
        revisions: sum.revisions.map((each) => ({ ...each, from: '2027-01-01T00:00:00Z' })),
      });
      const { kinds, results } = await world.run(request);
      expect(kinds).toEqual(['no-revision']);
      expect(results[0]!.findings[0]!.action).toContain('"revisions"');
      expect(meaningOf(world.table)).toEqual(before);
    },
  );
});

describe('P3: what state has counted and the archive does not have', () => {
  const name = 'acme#alice B#test.sum#2026-11-21T07';

  it('is never left out by a rebuild: the bucket is left as it is, and said to be', async () => {
    const world = new RecoveryWorld();
    await world.send([event('1', 'test.sum', { value: 1 })]);
    await world.drain();
    await world.send([event('2', 'test.sum', { value: 2 })]);
    await world.project();
    world.archiveNothing(1);
    const before = meaningOf(world.table);
    const { kinds, results } = await world.run(rebuild);
    expect(kinds).toEqual(['extra-ids']);
    expect(results[0]!.findings[0]!.action).toContain('left as it is');
    expect((await world.run(preview)).kinds).toEqual(['extra-ids']);
    expect(meaningOf(world.table)).toEqual(before);
    expect((await world.run(reconcile)).kinds).toContain('extra-ids');
    expect(headOf(world, name)?.n).toBe('1');
  });

  it('nor what a rebuild can’t count, though it is counted while that writes', async () => {
    const contracts = new Map(testContracts);
    const world = new RecoveryWorld(contracts);
    const send = (region: string) => world.send([event(region, 'test.groups', { region, value: 1 })]);
    await send('eu');
    await world.drain();
    const groups = contracts.get('test.groups')!;
    const [first] = groups.revisions;
    const meters = first!.meters.map((meter) => ({ ...meter, maxGroups: 1 }));
    contracts.set('test.groups', { ...groups, revisions: [first!, { ...first!, replaces: 1, meters }] });
    world.beforePlan = async () => {
      await send('us');
      await world.archive();
    };
    world.during = async (operation, moment) => {
      if (operation === 'replace' && moment === 'before') await world.project();
    };
    const { kinds, differences } = await world.run(rebuild);
    expect(kinds).toEqual(['uncountable']);
    expect(differences).toContainEqual(expect.objectContaining({ kind: 'uncountable', events: 1 }));
  });
});

describe('a worker of an attempt that is over', () => {
  const name = 'acme#alice B#test.sum#2026-11-21T07';

  it.each([
    ['cancelled', 1],
    ['running', 2],
    ['failed', 1],
  ] as const)('writes nothing where the run is %s, in attempt %i', async (status, attempt) => {
    const world = new RecoveryWorld();
    await world.send([event('1', 'test.sum', { value: 1 })]);
    await world.drain();
    tamper(world, 'total changed', name);
    await world.prepare(rebuild);
    world.during = (operation) => {
      if (operation === 'put') world.setStatus(rebuild, status, attempt);
    };
    await expect(world.fold(rebuild)).rejects.toThrow('attempt 1 of rebuild is not running');
    expect(world.table.read(name)!.epoch).toEqual({ N: '1' });
  });
});

it('undoes nothing of a run that was undone before, and followed by another', async () => {
  const world = new RecoveryWorld();
  const name = 'acme#alice B#test.sum#2026-11-21T07';
  await world.send([event('1', 'test.sum', { value: 1 })]);
  await world.drain();
  const undo = { ...rebuild, undo: rebuild.requestId };
  const tampered = () => tamper(world, 'total changed', name);
  tampered();
  await world.run(rebuild);
  await world.run({ ...undo, requestId: 'undo' });
  expect(world.table.read(name)!.epoch).toEqual({ N: '1' });
  await world.run({ ...rebuild, requestId: 'other' });
  const before = world.table.read(name);
  const { kinds, results } = await world.run({ ...undo, requestId: 'again' });
  expect(kinds).toEqual(['not-undone']);
  expect(results[0]!.findings[0]!.detail).toContain('another run');
  expect(world.table.read(name)).toEqual(before);
});
