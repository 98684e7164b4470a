import { beforeEach, describe, expect, it } from 'vitest';
import { RunCancelledError, RunRefusedError, type StageResult } from '../../lambdas/domain/recovery/run.ts';
import type { Selected } from '../../lambdas/plan/make-plan.ts';
import type { Barrier } from '../../lambdas/plan/pass-barrier.ts';
import { PlanDesk } from '../support/plan-desk.ts';

const MARK = '2026-11-21T12:00:00.000Z';
const PACE = { rate: 500, maxLagSeconds: 30 };
const RECONCILE = { verb: 'reconcile', repair: false, identities: false, ...PACE };
const REPLAY = { verb: 'replay', from: '2026-11-21T00:00:00.000Z', ...PACE };
const VERIFY = { verb: 'verify', certificate: false };

let desk: PlanDesk;
beforeEach(() => {
  desk = new PlanDesk();
});

describe('plan, any step', () => {
  it('is refused for a run that is not there', async () => {
    await expect(desk.step('begin')).rejects.toThrow(RunRefusedError);
  });

  it('ends where the run was cancelled, or another attempt has taken over', async () => {
    desk.start(VERIFY, { status: 'cancelled' });
    await expect(desk.step('select')).rejects.toThrow(RunCancelledError);
    desk.start(VERIFY, { attempt: 2 });
    await expect(desk.step('select')).rejects.toThrow(RunCancelledError);
    expect(desk.written.size).toBe(0);
  });
});

describe('plan begin', () => {
  const barrierOf = async (request: object) => {
    desk.start(request);
    return (await desk.step<{ barrier: boolean }>('begin')).barrier;
  };

  it('asks for a barrier where something is compared with state, or counted as it is', async () => {
    expect(await barrierOf(RECONCILE)).toBe(true);
    expect(await barrierOf({ verb: 'rebuild', ...PACE })).toBe(true);
    expect(await barrierOf({ verb: 'preview' })).toBe(true);
    expect(await barrierOf({ ...VERIFY, certificate: true })).toBe(true);
    expect(await barrierOf(VERIFY)).toBe(false);
    expect(await barrierOf(REPLAY)).toBe(false);
    expect(await barrierOf({ ...RECONCILE, identities: true })).toBe(false);
    expect(await barrierOf({ ...RECONCILE, dryRun: true })).toBe(false);
  });

  it('has a resumed run keep the known point that it had', async () => {
    desk.start(RECONCILE);
    await desk.step('select');
    desk.start(RECONCILE, { attempt: 2 });
    expect(await desk.step('begin', { attempt: 2 })).toMatchObject({ barrier: false });
  });
});

describe('plan barrier: F1, no difference is false', () => {
  beforeEach(() => desk.start(RECONCILE));

  it('passes when archive and projector have passed a mark that was put after it was asked', async () => {
    desk.pass('2026-11-21T11:59:59.999Z');
    expect(await desk.step<Barrier>('barrier')).toMatchObject({ passed: false });
    expect(desk.log.drafts).toEqual([{ mark: MARK, at: MARK }]);
    desk.now += 30_000;
    desk.passArchive(MARK);
    expect((await desk.step<Barrier>('barrier')).behind).toContain('projector');
    desk.pass(MARK);
    expect(await desk.step('barrier')).toEqual({ passed: true, waitSeconds: 0 });
    expect(desk.log.drafts).toHaveLength(1);
  });

  it('passes by no mark of a clock that is ahead', async () => {
    desk.passArchive('2026-11-21T12:00:05.000Z');
    desk.projector.passes.set('shard-0', { mark: '2026-11-21T12:00:07.000Z', sequence: '7' });
    expect(await desk.step<Barrier>('barrier')).toMatchObject({ passed: false, waitSeconds: 2 });
    const mark = '2026-11-21T12:00:07.001Z';
    expect(desk.log.drafts).toEqual([{ mark, at: mark }]);
    desk.pass(mark);
    expect((await desk.step<Barrier>('barrier')).passed).toBe(true);
  });

  it('gives up after an hour by its own clock, whatever marks say', async () => {
    desk.pass('2027-11-21T12:00:00.000Z');
    expect((await desk.step<Barrier>('barrier')).waitSeconds).toBe(2);
    desk.now += 3_600_001;
    await expect(desk.step('barrier')).rejects.toThrow(/After an hour/);
  });

  it('waits for the archive too, and for every open shard', async () => {
    desk.shards.push({ shardId: 'shard-1', parents: [], open: true, startingHashKey: '9' });
    await desk.step('barrier');
    desk.pass(MARK);
    desk.projector.passes.set('shard-1', { mark: MARK, sequence: '7' });
    expect((await desk.step<Barrier>('barrier')).behind).toContain('archive');
    desk.passArchive(MARK, 'shard-1');
    expect((await desk.step<Barrier>('barrier')).passed).toBe(true);
  });

  it('does not pass while a range of the log waits to be repaired', async () => {
    await desk.step('barrier');
    desk.pass(MARK);
    desk.pending = 2;
    expect((await desk.step<Barrier>('barrier')).behind).toBe('2 ranges of the log wait to be repaired');
  });

  it('puts a mark of its own for each attempt', async () => {
    await desk.step('barrier');
    desk.pass(MARK);
    desk.now += 60_000;
    desk.start(RECONCILE, { attempt: 2 });
    expect((await desk.step<Barrier>('barrier', { attempt: 2 })).passed).toBe(false);
    expect(desk.log.drafts).toHaveLength(2);
  });

  it('waits longer and longer, and gives up after an hour with who is behind', async () => {
    const waits = [0, 60_000, 1_200_000].map((ms) => [Date.parse(MARK) + ms] as const);
    const seconds: number[] = [];
    for (const [now] of waits) {
      desk.now = now;
      seconds.push((await desk.step<Barrier>('barrier')).waitSeconds);
    }
    expect(seconds).toEqual([2, 8, 60]);
    desk.now += 3_600_000;
    await expect(desk.step('barrier')).rejects.toThrow(/the archive has not passed .* resume/);
  });
});

describe('plan select', () => {
  it('writes objects in batches, and says how much it is', async () => {
    const entries = [];
    for (let number = 0; number < 120; number++) entries.push(await desk.archived({ events: 10_000 }));
    await desk.archived({ shardId: 'shard-1', tenants: ['zoo'] });
    const { summary, archivedTo } = await desk.plan({ ...REPLAY, tenant: 'acme' });
    expect(summary).toEqual({
      ...{ objects: 120, records: 120, events: 1_200_000, bytes: 120_000, batches: 3, partitions: 0 },
      minutes: 40,
    });
    expect(archivedTo).toEqual({ 'shard-0': entries.at(-1)!.last, 'shard-1': expect.any(String) });
    expect(desk.runs.runs.get('r1')?.plan).toEqual(summary);
    const batches = desk.batches();
    expect(batches.map((batch) => batch.number)).toEqual([0, 1, 2]);
    const objects = batches.flatMap((batch) => (batch.kind === 'objects' ? batch.objects : []));
    expect(objects.map(({ key }) => key)).toEqual(entries.map(({ key }) => key));
    const { shardId, key, versionId, sha256, first, last, records, events, bytes } = entries[0]!;
    expect(objects[0]).toEqual({ shardId, key, versionId, sha256, first, last, records, events, bytes });
  });

  it('cuts a batch before it has more bytes than a worker takes', async () => {
    const MB = 1024 * 1024;
    for (const size of [10, 14, 1, 30, 1]) await desk.archived({ bytes: size * MB });
    await desk.plan(REPLAY);
    expect(desk.batches().map((batch) => (batch.kind === 'objects' ? batch.objects.length : 0))).toEqual([
      2, 1, 1, 1,
    ]);
  });

  it('P3: reads every object for a rebuild of everything, whatever its entry says that chains do not cover', async () => {
    const wrong = { events: 0, tenants: [], types: [], arrived: { from: '', to: '' } };
    const { times: _, ...entry } = await desk.archived(wrong);
    desk.manifest.entries[0] = entry;
    expect((await desk.plan({ verb: 'rebuild', ...PACE })).summary.objects).toBe(1);
  });

  it('makes batches larger as the archive grows, so that there are not too many', async () => {
    for (let number = 0; number < 120; number++) await desk.archived();
    const head = desk.manifest.heads.get('shard-0')!;
    desk.manifest.heads.set('shard-0', { ...head, objects: 1_000_000 });
    await desk.plan(REPLAY);
    expect(desk.batches().map((batch) => (batch.kind === 'objects' ? batch.objects.length : 0))).toEqual([
      100, 20,
    ]);
  });

  it.each([
    [REPLAY, { stage: 'resend', fold: false, partitions: 0 }],
    [
      { verb: 'redrive', tenant: 'acme', fingerprint: 'f', ...PACE },
      { stage: 'resend', fold: false },
    ],
    [VERIFY, { stage: 'scan', fold: true, partitions: 2 }],
    [RECONCILE, { stage: 'scan', fold: true, partitions: 2 }],
    [
      { verb: 'rebuild', ...PACE },
      { stage: 'scan', fold: true, partitions: 2 },
    ],
    [{ verb: 'preview' }, { stage: 'scan', fold: true, partitions: 2 }],
  ])('says what stages there are: %j', async (request, expected) => {
    await desk.archived({ events: 200_001, fingerprints: ['f'] });
    desk.start(request);
    const selected = await desk.step<Selected>('select');
    expect(selected).toMatchObject({ cold: false, concurrency: 40, ...expected });
    expect(desk.names('partitions/')).toHaveLength(selected.partitions);
    expect(desk.names('batches/')).toHaveLength(selected.batches);
  });

  it('has nothing to do where nothing is selected', async () => {
    await desk.archived();
    desk.start({ ...REPLAY, tenant: 'nobody' });
    expect(await desk.step('select')).toEqual({
      ...{ batches: 0, partitions: 0, stage: 'none', fold: false, cold: false, concurrency: 40 },
    });
  });

  it('gives one worker the dead letters of a queue', async () => {
    desk.start({ verb: 'redrive', queue: 'webhooks', ...PACE });
    expect(await desk.step('select')).toMatchObject({ batches: 1, stage: 'resend', fold: false });
    expect(desk.batches()).toEqual([{ kind: 'objects', number: 0, objects: [] }]);
  });

  it('of a dry run counts only', async () => {
    await desk.archived({ arrived: { from: '2020-01-01T00:00:00.000Z', to: '2020-01-01T00:00:00.000Z' } });
    desk.start({ ...RECONCILE, dryRun: true });
    expect(await desk.step('select')).toMatchObject({ stage: 'none', fold: false, cold: false });
    expect(desk.json('plan.json')).toMatchObject({ summary: { objects: 1, partitions: 1 } });
    expect([...desk.written.keys()].sort()).toEqual(['r1/bounds.json', 'r1/plan.json']);
  });

  it('F3: looks up all buckets that were touched since the range, of tenants without events too', async () => {
    desk.tenants.names.push('quiet', 'acme');
    await desk.archived();
    await desk.plan({ ...RECONCILE, from: '2026-10-01T00:00:00.000Z', to: '2026-10-02T00:00:00.000Z' });
    const touched = desk.batches().flatMap((batch) => (batch.kind === 'heads' ? batch.touched : []));
    // Early events may have come in September.
    expect(new Set(touched.map((key) => key.slice(0, key.lastIndexOf('#'))))).toEqual(
      new Set(
        ['acme', 'quiet', 'weir'].flatMap((tenant) => ['09', '10', '11'].map((m) => `${tenant}#2026-${m}`)),
      ),
    );
    expect(touched).toHaveLength(3 * 3 * 16);
    for (const batch of desk.batches())
      if (batch.kind === 'heads') expect(batch.touched.length).toBeLessThanOrEqual(64);
  });

  it('looks up one tenant’s buckets where one is asked for, and none to look for identities', async () => {
    desk.tenants.names.push('quiet');
    await desk.archived();
    await desk.plan({ ...RECONCILE, tenant: 'a#b', from: '2026-11-02T00:00:00.000Z' });
    const heads = desk.batches().filter((batch) => batch.kind === 'heads');
    expect(heads).toEqual([
      {
        ...{ kind: 'heads', number: 0 },
        touched: Array.from({ length: 16 }, (_, slot) => `a%23b#2026-11#${slot.toString(16)}`),
      },
    ]);
    desk = new PlanDesk();
    await desk.archived();
    await desk.plan({ ...RECONCILE, identities: true });
    expect(desk.batches().map(({ kind }) => kind)).toEqual(['objects']);
  });

  it('says up to where state and archive are known', async () => {
    desk.shards = [
      { shardId: 'shard-0', parents: [], open: false, startingHashKey: '0' },
      { shardId: 'shard-1', parents: ['shard-0'], open: true, startingHashKey: '0' },
    ];
    const { last } = await desk.archived({ mark: '2026-11-21T11:58:00.000Z' });
    await desk.archived({ shardId: 'shard-1', mark: '2026-11-21T11:59:30.000Z' });
    desk.projector.passes.set('shard-0', { mark: '2026-11-21T11:50:00.000Z', sequence: '5' });
    desk.projector.passes.set('shard-1', { mark: '2026-11-21T11:59:00.000Z', sequence: '9' });
    const plan = await desk.plan(RECONCILE);
    expect(plan).toMatchObject({
      knownAt: '2026-11-21T11:59:00.000Z',
      archivedTo: { 'shard-0': last },
      projectedTo: { 'shard-1': '9' },
    });
    expect(Object.keys(plan.projectedTo)).toEqual(['shard-1']);
  });

  it('F1: calls nothing missing of a shard that came to be while the bounds were set', async () => {
    const [parent] = desk.shards as [(typeof desk.shards)[0]];
    const child = { ...parent, shardId: 'shard-1', parents: ['shard-0'] };
    const listings = [[parent], [{ ...parent, open: false }, child]];
    Object.defineProperty(desk, 'shards', { get: () => listings.shift() });
    await desk.archived();
    await desk.archived({ shardId: 'shard-1' });
    desk.projector.passes.set('shard-0', { mark: '2026-11-21T11:50:00.000Z', sequence: '5' });
    expect((await desk.plan(RECONCILE)).projectedTo).toEqual({ 'shard-0': '5', 'shard-1': '0' });
  });

  it('makes one plan: a resumed run, later, does what the first attempt meant to do', async () => {
    await desk.archived();
    const plan = await desk.plan(REPLAY);
    await desk.archived();
    desk.now += 86_400_000;
    desk.start(REPLAY, { attempt: 2 });
    expect(await desk.step('select', { attempt: 2 })).toMatchObject({ batches: 1, stage: 'resend' });
    expect(desk.json('plan.json')).toEqual(plan);
    expect(desk.runs.runs.get('r1')?.plan).toEqual(plan.summary);
  });

  it('undoes within what the other run may have written', async () => {
    await desk.archived({ tenants: ['zoo'] });
    await desk.archived();
    const scope = { tenant: 'acme', types: ['test.every'], from: '2026-11-21T00:00:00.000Z' };
    desk.start({ verb: 'rebuild', requestId: 'old', ...scope, ...PACE });
    await desk.step('select', { requestId: 'old' });
    const plan = await desk.plan({ verb: 'rebuild', undo: 'old', ...PACE });
    expect(plan.request).toMatchObject({ ...scope, requestId: 'r1', undo: 'old' });
    expect(plan.summary.objects).toBe(1);
  });

  it('refuses to undo what is no rebuild, or is not there any more', async () => {
    desk.start({ verb: 'rebuild', undo: 'old', ...PACE });
    await expect(desk.step('select')).rejects.toThrow(/no plan of a run "old".*retainRunsDays/);
    desk.start({ ...REPLAY, requestId: 'old' });
    await desk.step('select', { requestId: 'old' });
    await expect(desk.step('select')).rejects.toThrow(RunRefusedError);
    await expect(desk.step('select')).rejects.toThrow('"old" is a replay');
  });

  it('refuses to undo an undo: it would do nothing, and say that it is done', async () => {
    desk.start({ verb: 'rebuild', requestId: 'first', ...PACE });
    await desk.step('select', { requestId: 'first' });
    desk.start({ verb: 'rebuild', requestId: 'old', undo: 'first', ...PACE });
    await desk.step('select', { requestId: 'old' });
    desk.start({ verb: 'rebuild', undo: 'old', ...PACE });
    await expect(desk.step('select')).rejects.toThrow(RunRefusedError);
    await expect(desk.step('select')).rejects.toThrow(/"old" is itself an undo, of "first"/);
  });

  it.each([
    ['a misspelt type', { 'test.evry': 1 }, /"test.evry".*did you mean "test.every".*test.sum/],
    ['a type that is nobody’s', { constructor: 1 }, /"constructor".*There are test.every/],
    [
      'a number that there is none of',
      { 'test.every': 2 },
      /"test.every" has no revision 2: it has revision 1 only/,
    ],
  ])('refuses to count by %s, before anything is written', async (_, revisions, why) => {
    for (const verb of ['rebuild', 'preview']) {
      desk.start({ verb, revisions, ...PACE });
      await expect(desk.step('select')).rejects.toThrow(RunRefusedError);
      await expect(desk.step('select')).rejects.toThrow(why);
    }
    expect(desk.written.size).toBe(0);
  });

  it('knows the revisions that a preview brings along, and Weir’s own type', async () => {
    const { revisions } = desk.contracts.get('test.every')!;
    const contracts = { 'test.every': [...revisions, { from: '2026-01-01T00:00:00Z', meters: [] }] };
    await desk.plan({ verb: 'preview', contracts, revisions: { 'test.every': 2, 'weir.quarantine': 1 } });
    desk.start({ verb: 'preview', requestId: 'r2', contracts: { 'test.evry': revisions } });
    await expect(desk.step('select', { requestId: 'r2' })).rejects.toThrow(/"contracts" names "test.evry"/);
  });

  it('F1: has verify check the chains', async () => {
    const entry = await desk.archived();
    await desk.archived();
    const at = new Date(desk.now).toISOString();
    const known = {
      shardId: 'shard-0',
      last: entry.last,
      chain: 'another',
      objects: 1,
      records: 1,
      events: 1,
    };
    await desk.anchors.write({ ...known, at });
    await desk.plan(VERIFY);
    const { counts, findings } = desk.json<StageResult>('scanned/chain.json');
    expect(counts).toMatchObject({ chains: 1, links: 2, anchors: 1 });
    expect(findings).toHaveLength(1);
  });
});

it('plan select of a verify goes on at the chain at which its time was over, and comes to the same', async () => {
  for (const shardId of ['shard-0', 'shard-1', 'shard-2'])
    for (let number = 0; number < 5; number++) await desk.archived({ shardId });
  desk.manifest.entries.splice(1, 1);
  const whole = { ...VERIFY, certificate: true, requestId: 'whole' };
  desk.start(whole);
  await desk.step('select', { requestId: 'whole' });
  desk.start({ ...VERIFY, certificate: true });
  const walks: string[] = [];
  const { manifest } = desk;
  manifest.onWalk = (shardId) => {
    walks.push(shardId);
    if (walks.length === 6) throw new Error('time is over');
  };
  await expect(desk.step('select')).rejects.toThrow('time is over');
  await desk.step('select');
  const all = ['shard-0', 'shard-1', 'shard-2'];
  // Selected from once, and then each chain walked once, but for that one.
  expect(walks).toEqual([...all, ...all, 'shard-2']);
  for (const name of ['scanned/chain.json', 'stretches.json', 'plan.json'])
    expect({ ...desk.json<object>(name), request: 0 }).toEqual({
      ...desk.json<object>(name, 'whole'),
      request: 0,
    });
});

describe('plan of objects in a cold tier', () => {
  const LONG_AGO = { arrived: { from: '2025-01-01T00:00:00.000Z', to: '2025-01-01T00:00:00.000Z' } };
  const cold = async (more: object = {}) => {
    const entry = await desk.archived({ ...LONG_AGO, bytes: 1024 ** 3, ...more });
    desk.archive.classes.set(entry.key, 'DEEP_ARCHIVE');
    return entry;
  };

  it('says what taking them out would be, and is refused unless told to', async () => {
    await cold();
    await cold();
    await desk.archived(LONG_AGO);
    desk.start(VERIFY);
    const refused = desk.step('select');
    await expect(refused).rejects.toThrow(RunRefusedError);
    await expect(refused).rejects.toThrow(
      /2 archive objects \(2\.0 GB\).*"restore": "standard" \(--restore standard\).*"bulk" \(--restore bulk\)/,
    );
    expect(desk.runs.runs.get('r1')?.plan?.cold).toEqual({
      ...{ objects: 2, bytes: 2 * 1024 ** 3 },
      ...{ hours: { standard: 12, bulk: 48 }, usd: { standard: '0.06', bulk: '0.02' } },
    });
  });

  it('a dry run says it and is not refused', async () => {
    await cold();
    desk.start({ ...VERIFY, dryRun: true });
    expect(await desk.step('select')).toMatchObject({ stage: 'none' });
    expect(desk.json('plan.json')).toMatchObject({ summary: { cold: { objects: 1 } } });
  });

  it('asks S3, not only the calendar: small objects stay where they are', async () => {
    await desk.archived(LONG_AGO);
    desk.start(VERIFY);
    expect(await desk.step('select')).toMatchObject({ stage: 'scan', cold: true });
    expect(desk.json('plan.json')).not.toHaveProperty('summary.cold');
    expect(await desk.step('restore')).toMatchObject({ ready: true });
  });

  it('does not ask S3 about what is too young', async () => {
    const { key } = await desk.archived();
    desk.archive.classes.set(key, 'DEEP_ARCHIVE');
    desk.start(VERIFY);
    expect(await desk.step('select')).toMatchObject({ cold: false });
  });

  it('takes them out once, waits, and goes on when all of them can be read', async () => {
    const entries = [];
    for (let number = 0; number < 60; number++) entries.push(await cold({ bytes: 10 }));
    await desk.archived();
    desk.start({ ...VERIFY, restore: 'bulk' });
    expect(await desk.step('select')).toMatchObject({ cold: true, batches: 2, stage: 'scan' });
    expect(await desk.step('restore')).toEqual({ ready: false, waitSeconds: 900 });
    expect(await desk.step('restore')).toEqual({ ready: false, waitSeconds: 900 });
    expect(desk.archive.asked.map(({ key }) => key).sort()).toEqual(entries.map(({ key }) => key).sort());
    expect(new Set(desk.archive.asked.map(({ tier, days }) => `${tier} ${days}`))).toEqual(
      new Set(['bulk 7']),
    );
    desk.archive.finishRestoring();
    expect(await desk.step('restore')).toMatchObject({ ready: true });
    expect(desk.archive.asked).toHaveLength(60);
  });

  it('goes on where it stopped when its time was over', async () => {
    for (let number = 0; number < 101; number++) await cold({ bytes: 10 });
    desk.start({ ...VERIFY, restore: 'standard' });
    await desk.step('select');
    let steps = 0;
    const ask = () =>
      desk.step<{ ready: boolean }>('restore', {}, () => {
        desk.now += 30_000;
      });
    for (let answer = await ask(); !answer.ready; answer = await ask()) {
      desk.archive.finishRestoring();
      if (++steps > 20) throw new Error('it never ends');
    }
    expect(desk.archive.asked).toHaveLength(101);
    expect(steps).toBeGreaterThan(2);
  });

  it('is refused where an object gets there after the plan was made', async () => {
    const young = { from: '2025-12-01T00:00:00.000Z', to: '2025-12-01T00:00:00.000Z' };
    const { key } = await desk.archived({ arrived: young });
    desk.start(VERIFY);
    expect(await desk.step('select')).toMatchObject({ cold: true });
    desk.archive.classes.set(key, 'DEEP_ARCHIVE');
    await expect(desk.step('restore')).rejects.toThrow(RunRefusedError);
  });

  it('an object that is gone holds nothing up: the scan says so', async () => {
    const { key } = await cold();
    desk.objects.delete(key);
    desk.start(VERIFY);
    expect(await desk.step('select')).toMatchObject({ stage: 'scan' });
    expect(await desk.step('restore')).toMatchObject({ ready: true });
  });
});

it('plan gather counts what is missing', async () => {
  desk.start(RECONCILE);
  expect(await desk.step('gather')).toEqual({ files: 0 });
  for (const name of ['missing/00000001.json', 'missing/00000007.json', 'scanned/00000001.json'])
    desk.written.set(`r1/${name}`, Buffer.from('{}'));
  desk.written.set('r10/missing/00000001.json', Buffer.from('{}'));
  expect(await desk.step('gather')).toEqual({ files: 2 });
});
