import { describe, expect, it } from 'vitest';
import { expiredBefore, hasExpired } from '../../lambdas/domain/recovery/retention.ts';
import { type Plan, runFiles } from '../../lambdas/domain/recovery/run.ts';
import { wantedOf } from '../../lambdas/domain/recovery/wanted-lines.ts';
import { scanBatch } from '../../lambdas/scan/scan-batch.ts';
import { testContracts } from '../support/contracts.ts';
import { MemoryArchiveReader } from '../support/memory-archive-reader.ts';
import { MemoryManifestReader } from '../support/memory-consumers.ts';
import { MemoryRunFiles } from '../support/memory-run-files.ts';
import { MemoryTable } from '../support/memory-state.ts';
import { MemoryTouched } from '../support/memory-touched.ts';
import { PlanDesk } from '../support/plan-desk.ts';

const DAY_MS = 86_400_000;
const RETENTION_DAYS = 90;
const REPLAY = { verb: 'replay', rate: 1, maxLagSeconds: 60 };
const VERIFY = { verb: 'verify', certificate: false };
const NEED_ALL = [
  { verb: 'rebuild' },
  { verb: 'rebuild', dryRun: true },
  { verb: 'reconcile', repair: false, identities: false },
  { verb: 'preview', rate: 1 },
  { verb: 'verify', certificate: true },
];

/** An archive with objects of these ages, of which the oldest may be gone. */
async function archiveOf(...days: readonly number[]): Promise<PlanDesk> {
  const desk = new PlanDesk();
  desk.settings = { ...desk.settings, retentionDays: RETENTION_DAYS };
  for (const age of days) {
    const at = new Date(desk.now - age * DAY_MS).toISOString();
    await desk.archived({ arrived: { from: at, to: at }, times: { from: at, to: at } });
  }
  return desk;
}

const daysAgo = ({ now }: PlanDesk, days: number) => new Date(now - days * DAY_MS).toISOString();
const objectsOf = (desk: PlanDesk) =>
  desk.batches().flatMap((batch) => (batch.kind === 'objects' ? batch.objects : []));

describe('an archive that has an end', () => {
  it('is read from where it begins, and the plan says what is left out', async () => {
    for (const request of [REPLAY, VERIFY, { verb: 'reconcile', repair: false, identities: true }]) {
      // One is at its end only while the run goes on.
      const desk = await archiveOf(200, 91, 88, 86, 1);
      const { summary } = await desk.plan(request);
      expect(summary).toMatchObject({ objects: 2, expired: 3 });
      expect(objectsOf(desk)).toHaveLength(2);
    }
  });

  it('leaves out nothing that is of use, and nothing where it has no end', async () => {
    const young = await archiveOf(86, 1);
    expect((await young.plan({ verb: 'rebuild' })).summary).not.toHaveProperty('expired');
    const endless = await archiveOf(10_000, 1);
    endless.settings = { concurrency: 40, deepAfterDays: 365 };
    expect((await endless.plan({ verb: 'rebuild' })).summary).toMatchObject({ objects: 2 });
  });

  it.each(NEED_ALL)('refuses %o over what has expired, and takes it from when it says', async (request) => {
    const desk = await archiveOf(200, 86, 1);
    const refusal = await desk.plan(request).catch((error: Error) => error);
    expect(refusal).toMatchObject({ name: 'RunRefusedError' });
    const [, from] = /"from" of (\S+) or later/.exec((refusal as Error).message)!;
    expect(Date.parse(from!)).toBeLessThan(desk.now);

    const again = await archiveOf(200, 86, 1);
    const { summary } = await again.plan({ ...request, from });
    expect(summary).not.toHaveProperty('expired');
  });

  it('lets an undo go, as it puts back what was there', async () => {
    const desk = await archiveOf(200, 1);
    const undone = { request: { verb: 'rebuild', dryRun: false } };
    desk.written.set('old/plan.json', Buffer.from(JSON.stringify(undone)));
    expect((await desk.plan({ verb: 'rebuild', undo: 'old' })).summary).toMatchObject({ expired: 1 });
  });

  it('judges no acknowledged number by what has expired', async () => {
    const desk = await archiveOf(200, 1);
    const plan = await desk.plan(VERIFY);
    const { judges } = wantedOf(plan);
    expect(judges(Date.parse(daysAgo(desk, 100)))).toBe(false);
    expect(judges(Date.parse(daysAgo(desk, 86)))).toBe(true);
  });

  it('takes no object for expired before its end, nor one whose time can not be read', () => {
    const before = expiredBefore(Date.parse('2026-11-21T00:00:00Z'), 90);
    const arrived = (to: string) => ({ arrived: { from: '', to } });
    expect(hasExpired(arrived('2026-08-23T00:00:00.000Z'), before)).toBe(false);
    expect(hasExpired(arrived('2026-08-22T23:59:59.999Z'), before)).toBe(true);
    expect(hasExpired(arrived('?'), before)).toBe(false);
    expect(hasExpired(arrived('1970-01-01T00:00:00.000Z'), expiredBefore(0))).toBe(false);
  });
});

describe('scan, of an object that has gone since the run was planned', () => {
  const scanned = async (request: object, age: number) => {
    const desk = await archiveOf(age);
    const [object] = desk.manifest.entries;
    desk.start(request);
    const files = new MemoryRunFiles();
    const put = (name: string, value: unknown) => files.put('r1', name, Buffer.from(JSON.stringify(value)));
    const asked = { requestId: 'r1', operator: 'ops', reason: 'why', dryRun: false, ...request };
    const plan = { request: asked, summary: { partitions: 1 }, knownAt: daysAgo(desk, 0) };
    await put(runFiles.plan, { ...plan, archivedTo: {}, projectedTo: {} } as unknown as Plan);
    await put(runFiles.batch(0), { kind: 'objects', number: 0, objects: [object] });
    const before = expiredBefore(desk.now, RETENTION_DAYS);
    await scanBatch(
      { requestId: 'r1', attempt: 1, batch: `runs/r1/${runFiles.batch(0)}` },
      {
        ...{ contracts: testContracts, files, archive: new MemoryArchiveReader(new Map()) },
        manifest: new MemoryManifestReader(desk.manifest),
        touched: new MemoryTouched(new MemoryTable()),
        runs: desk.runs,
        hasExpired: (entry) => hasExpired(entry, before),
      },
    );
    return JSON.parse((await files.get('r1', runFiles.scanned(0)))!.toString());
  };

  it('counts it as expired where that is what it must be', async () => {
    expect(await scanned(VERIFY, 91)).toMatchObject({ counts: { expired: 1 }, findings: [] });
  });

  it('calls it lost before its time, and wherever it is needed', async () => {
    for (const [request, age] of [
      [VERIFY, 89],
      [{ verb: 'verify', certificate: true }, 91],
      [{ verb: 'rebuild' }, 91],
    ] as const)
      expect((await scanned(request, age)).findings).toEqual([
        expect.objectContaining({ kind: 'object-lost' }),
      ]);
  });
});
