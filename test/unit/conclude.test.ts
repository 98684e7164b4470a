import { beforeEach, describe, expect, it } from 'vitest';
import { concludeRun } from '../../lambdas/conclude/conclude-run.ts';
import { explainFailure } from '../../lambdas/domain/recovery/explain-failure.ts';
import { noteFailure } from '../../lambdas/domain/recovery/note-failure.ts';
import type { ReconcileRequest, VerifyRequest } from '../../lambdas/domain/recovery/request.ts';
import {
  type Finding,
  type Plan,
  type PlanSummary,
  type Run,
  RunCancelledError,
  RunRefusedError,
  runFiles,
  type StageResult,
} from '../../lambdas/domain/recovery/run.ts';
import { MemoryRunFiles } from '../support/memory-run-files.ts';
import { MemoryAudit, MemoryRuns } from '../support/memory-runs.ts';

const request: ReconcileRequest = {
  ...{ verb: 'reconcile', requestId: 'r', operator: 'ada', reason: 'why', dryRun: false },
  ...{ repair: true, identities: false, rate: 1, maxLagSeconds: 5 },
};
const summary: PlanSummary = {
  ...{ objects: 10, records: 20, events: 30, bytes: 40, batches: 2, partitions: 1, minutes: 5 },
  cold: { objects: 1, bytes: 2, hours: { standard: 12, bulk: 48 }, usd: { standard: '1', bulk: '0.1' } },
};
const finding = (kind: string): Finding => ({ kind, where: 'w', detail: 'd', action: 'a' });
const nothing: StageResult = { counts: {}, findings: [] };

let runs: MemoryRuns;
let audit: MemoryAudit;
let files: MemoryRunFiles;
const clock = { now: () => Date.parse('2026-11-21T12:00:00Z') };

const put = (name: string, value: unknown) => files.put('r', name, Buffer.from(JSON.stringify(value)));
const plan = (more: Partial<Plan> = {}): Plan => ({
  ...{ request, summary, knownAt: '2026-11-21T11:00:00.000Z', archivedTo: {}, projectedTo: {} },
  ...more,
});
const conclude = (error?: object | string) =>
  concludeRun(
    { requestId: 'r', attempt: 1, ...(error !== undefined && { error }) },
    { runs, audit, files, clock },
  );
const running = (more: Partial<Run> = {}) =>
  runs.runs.set('r', { request, attempt: 1, status: 'running', startedAt: 'then', ...more });

beforeEach(async () => {
  [runs, audit, files] = [new MemoryRuns(), new MemoryAudit(), new MemoryRunFiles()];
  running();
  await put(runFiles.plan, plan());
  await put(runFiles.scanned(0), { counts: { objects: 4 }, findings: [] });
  await put(runFiles.scanned(1), { counts: { objects: 6, heads: 3 }, findings: [], parts: 2 });
  await put(runFiles.folded(0), { counts: { buckets: 3 }, findings: [] });
});

describe('a run that is done', () => {
  it('has the counts of all parts, and is "done" where nothing was found', async () => {
    const run = await conclude();
    const result = { counts: { objects: 10, heads: 3, buckets: 3 }, findings: [] };
    expect(run).toMatchObject({ status: 'done', result, endedAt: '2026-11-21T12:00:00.000Z', plan: summary });
    expect(runs.runs.get('r')).toEqual(run);
    expect(JSON.parse((await files.get('r', runFiles.result))!.toString())).toEqual(result);
    expect(await audit.of('r')).toEqual([
      {
        ...{ requestId: 'r', attempt: 1, what: 'finished', at: run.endedAt, operator: 'ada', reason: 'why' },
        detail: { status: 'done', result },
      },
    ]);
  });

  it('"differs" where any part found something, whichever stage it is of', async () => {
    for (const name of [runFiles.chain, runFiles.folded(0), runFiles.resent('missing-00000000.json')]) {
      running();
      files.files.delete('r/result.json');
      const before = files.files.get(`r/${name}`);
      await put(name, { counts: {}, findings: [finding('k')] });
      expect((await conclude()).status).toBe('differs');
      if (before) files.files.set(`r/${name}`, before);
      else files.files.delete(`r/${name}`);
    }
  });

  it('keeps as many findings as fit, what is wrong with the archive first, and says how many there were', async () => {
    const many = (kind: string) => Array.from({ length: 80 }, () => finding(kind));
    await put(runFiles.folded(0), { counts: {}, findings: many('of-a-bucket') });
    await put(runFiles.scanned(1), { counts: {}, findings: many('of-an-object') });
    const { result } = await conclude();
    expect(result!.counts.findings).toBe(160);
    expect(result!.findings).toHaveLength(100);
    expect(result!.findings[79]!.kind).toBe('of-an-object');
    expect(result!.findings[80]!.kind).toBe('of-a-bucket');
  });

  it('counts the findings of a part that could not keep them all', async () => {
    await put(runFiles.folded(0), { counts: { findings: 5_000 }, findings: [finding('k')] });
    await put(runFiles.scanned(0), { counts: {}, findings: [finding('k')] });
    expect((await conclude()).result).toMatchObject({ counts: { findings: 5_001 }, findings: { length: 2 } });
  });

  it('fits an item of the control table, whatever was found', async () => {
    const long = { ...finding('k'), where: 'é'.repeat(3_000), detail: '漢'.repeat(3_000) };
    await put(runFiles.folded(0), { counts: {}, findings: Array.from({ length: 100 }, () => long) });
    const { result } = await conclude();
    expect(result!.counts.findings).toBe(100);
    expect(result!.findings.length).toBeGreaterThan(5);
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(200_000);
  });

  it('stays the same when it is concluded again, also in the audit', async () => {
    const first = await conclude();
    await put(runFiles.folded(0), { counts: {}, findings: [finding('later')] });
    expect(await conclude()).toEqual(first);
    // Its answer was lost, so the state machine says that it failed.
    expect(await conclude({ Error: 'States.Timeout' })).toEqual(first);
    running();
    expect((await conclude()).result).toEqual(first.result);
    expect((await audit.of('r')).map(({ what }) => what)).toEqual(['finished']);
  });

  it.each([
    ['a batch', runFiles.scanned(1)],
    ['a partition', runFiles.folded(0)],
    ['the plan', runFiles.plan],
  ])('is not taken for done while %s has no result', async (_name, name) => {
    files.files.delete(`r/${name}`);
    await expect(conclude()).rejects.toThrow(/are not done|begin a new run/);
    expect(runs.runs.get('r')!.status).toBe('running');
    expect(await audit.of('r')).toEqual([]);
  });

  it('is not taken for done while events that are missing are not sent', async () => {
    await put(runFiles.missing(0), { objects: [] });
    await expect(conclude()).rejects.toThrow(/missing\/00000000\.json/);
    await put(runFiles.resent('missing-00000000.json'), nothing);
    expect((await conclude()).status).toBe('done');
  });

  it('that sends again has its parts under other names', async () => {
    for (const name of [runFiles.scanned(0), runFiles.scanned(1), runFiles.folded(0)])
      files.files.delete(`r/${name}`);
    await put(runFiles.plan, plan({ summary: { ...summary, batches: 1, partitions: 0 } }));
    await expect(conclude()).rejects.toThrow(/batches\/00000000\.json/);
    await put(runFiles.resent('batches-00000000.json'), { counts: { sent: 7 }, findings: [] });
    expect((await conclude()).result!.counts).toEqual({ sent: 7 });
  });

  it('has its certificate, if that was asked for, and keeps the first that was written', async () => {
    const verify: VerifyRequest = {
      ...{ verb: 'verify', requestId: 'r', operator: 'ada', reason: 'why', dryRun: false, certificate: true },
      ...{ from: '2026-11-01T00:00:00.000Z', to: '2026-11-02T00:00:00.000Z' },
    };
    await put(runFiles.plan, plan({ request: verify }));
    await put(runFiles.folded(0), { counts: { distinct: 3, counted: 3, identities: 3 }, findings: [] });
    await put(runFiles.scanned(0), { counts: { accepted: 3 }, findings: [] });
    running({ request: verify });
    await expect(conclude()).rejects.toThrow(/begin a new run/);
    await put(runFiles.stretches, []);
    expect((await conclude()).status).toBe('done');
    const read = async () => JSON.parse((await files.get('r', runFiles.certificate))!.toString());
    const certificate = await read();
    expect(certificate).toMatchObject({
      requestId: 'r',
      verdict: 'complete',
      totals: { accepted: 3, counted: 3 },
    });
    // Another one, made later with other totals, has another hash than the audit.
    const audited = async () => (await audit.of('r')).map(({ detail }) => detail);
    expect(await audited()).toEqual([expect.objectContaining({ certificate: certificate.sha256 })]);
    running({ request: verify });
    await concludeRun({ requestId: 'r', attempt: 1 }, { runs, audit, files, clock: { now: () => 0 } });
    expect(await read()).toEqual(certificate);
  });

  it('dry, says what there would be to do', async () => {
    files.files.clear();
    await put(runFiles.plan, plan({ request: { ...request, dryRun: true } }));
    const { cold: _, ...counts } = summary;
    expect(await conclude()).toMatchObject({
      status: 'done',
      result: { counts, findings: [] },
      plan: summary,
    });
  });
});

describe('an attempt that failed', () => {
  it('says what was thrown, and that it can be resumed', async () => {
    const Cause = JSON.stringify({ errorType: 'AccessDenied', errorMessage: 'may not read.', trace: ['x'] });
    const run = await conclude({ Error: 'AccessDenied', Cause });
    expect(run).toMatchObject({ status: 'failed', endedAt: '2026-11-21T12:00:00.000Z' });
    expect(run.error).toMatch(/^AccessDenied: may not read\. Resume it when the cause is gone/);
    expect(await files.get('r', runFiles.result)).toBeUndefined();
    expect(await audit.of('r')).toMatchObject([{ what: 'failed', detail: { error: run.error } }]);
  });

  it('says what its workers noted, where the map says only that they failed, and nothing of other attempts', async () => {
    const of = (attempt: number) => ({ requestId: 'r', attempt });
    await noteFailure(files, of(1), 'fold-1', new RunRefusedError('the archive is damaged: verify it'));
    await noteFailure(files, of(1), 'fold-2', new RunRefusedError('the archive is damaged: verify it'));
    await noteFailure(files, of(1), 'fold-3', new RunCancelledError('cancelled'));
    await noteFailure(files, of(2), 'fold-1', new TypeError('of another attempt'));
    const run = await conclude({ Error: 'States.ExceedToleratedFailureThreshold', Cause: 'The map failed' });
    expect(run.error).toBe('the archive is damaged: verify it');
  });

  it('leaves the run as it is that was cancelled, or that another attempt was begun of', async () => {
    for (const run of [{ status: 'cancelled' }, { status: 'running', attempt: 2 }] as const) {
      running(run);
      for (const error of [undefined, 'e']) expect(await conclude(error)).toMatchObject(run);
      expect(runs.runs.get('r')).toMatchObject(run);
    }
    expect(await audit.of('r')).toEqual([]);
  });

  it('of a run that is not there is an error', async () => {
    runs.runs.clear();
    await expect(conclude()).rejects.toThrow('there is no run r');
  });
});

describe('what an operator is told of a failure', () => {
  it.each([
    ['text', 'broken', /^broken\. Resume/],
    ['an error without cause', { Error: 'States.Timeout' }, /^States\.Timeout\. Resume/],
    [
      'a cause that is no JSON',
      { Error: 'States.Runtime', Cause: 'no such path' },
      /^States\.Runtime: no such path\. Resume/,
    ],
    ['a cause that is other JSON', { Error: 'E', Cause: '[1]' }, /^E: \[1\]\. Resume/],
    ['nothing', {}, /^unknown\. Resume/],
    ['a refusal', { Error: 'RunRefusedError', Cause: '{"errorMessage":"no, do that."}' }, /^no, do that\.$/],
  ])('is readable, given %s', (_name, caught, told) => {
    expect(explainFailure(caught, [])).toMatch(told);
  });

  it('is not what some worker said earlier, where a function itself says why', () => {
    const caught = { Error: 'E', Cause: '{"errorType":"TypeError","errorMessage":"now"}' };
    expect(explainFailure(caught, [{ refused: true, text: 'earlier' }])).toMatch(/^TypeError: now\. Resume/);
  });

  it('is its workers’ own where a map went on without them', () => {
    const caught = {
      Error: 'PartsNotDoneError',
      Cause: JSON.stringify({ errorType: 'PartsNotDoneError', errorMessage: '1 parts are not done' }),
    };
    expect(explainFailure(caught, [{ refused: true, text: 'run verify first' }])).toBe('run verify first');
    expect(explainFailure(caught, [])).toMatch(/1 parts are not done\. Resume/);
  });

  it('is bounded, whatever workers say', () => {
    const notes = Array.from({ length: 20 }, (_, at) => ({
      refused: false,
      text: `${at}${'x'.repeat(2_000)}`,
    }));
    const told = explainFailure('e', notes);
    expect(told.length).toBeLessThan(4_000);
    expect(told).toContain('and 17 other reasons');
  });
});
