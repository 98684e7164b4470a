import { describe, expect, it } from 'vitest';
import { measureRun } from '../../lambdas/conclude/measure-run.ts';
import type { RunRequest } from '../../lambdas/domain/recovery/request.ts';
import type { Finding, Run } from '../../lambdas/domain/recovery/run.ts';

const asked = { requestId: 'r', operator: 'ada', reason: 'why', dryRun: false };
const pace = { rate: 1, maxLagSeconds: 5 };
const verify = { ...asked, verb: 'verify', certificate: false } as const;
const reconcile = { ...asked, ...pace, verb: 'reconcile', repair: false, identities: false } as const;
const replay = { ...asked, ...pace, verb: 'replay' } as const;
const finding = (kind: string): Finding => ({ kind, where: 'w', detail: 'd', action: 'a' });
const run = (
  request: object,
  counts: Record<string, number> = {},
  findings: readonly Finding[] = [],
  more: Partial<Run> = {},
): Run => ({
  ...{ request: request as RunRequest, attempt: 1, status: 'done', startedAt: 'then' },
  result: { counts, findings },
  ...more,
});

describe('the end of a run tells alarms', () => {
  it('F1: of each verify how much is missing and broken, also that nothing is', () => {
    expect(measureRun(run(verify))).toEqual({ ackedMissing: 0, manifestMismatches: 0 });
    const found = [finding('chain-broken'), finding('object-lost'), finding('acked-missing')];
    expect(measureRun(run(verify, { ackedMissing: 3 }, found))).toEqual({
      ackedMissing: 3,
      manifestMismatches: 2,
    });
  });

  it('F3: of each reconcile how many buckets differ, also that none does, and what is too much', () => {
    expect(measureRun(run(reconcile, { buckets: 9 }))).toEqual({
      bucketsCompared: 9,
      bucketsDiffering: 0,
      eventsExtra: 0,
    });
    expect(
      measureRun(run(reconcile, { buckets: 9, bucketsDiffering: 2, eventsExtra: 5 }, [finding('extra-ids')])),
    ).toEqual({ bucketsCompared: 9, bucketsDiffering: 2, eventsExtra: 5 });
  });

  it('F14: of damage that another run came upon, and nothing where it came upon none', () => {
    for (const request of [reconcile, { ...asked, verb: 'preview' }])
      expect(measureRun(run(request, {}, [finding('object-changed')]))).toMatchObject({
        manifestMismatches: 1,
      });
    expect(measureRun(run({ ...asked, verb: 'preview' }))).toEqual({});
    // It has compared nothing with state.
    expect(measureRun(run({ ...reconcile, identities: true }))).toEqual({});
  });

  it('of each replay and redrive whether it failed', () => {
    const failed = run(replay, {}, [], { status: 'failed' });
    expect(measureRun(failed)).toEqual({ replaysDone: 0, replaysFailed: 1 });
    expect(measureRun(run(replay))).toEqual({ replaysDone: 1, replaysFailed: 0 });
    expect(measureRun(run({ ...replay, verb: 'redrive' }, {}, [], { status: 'differs' }))).toEqual({
      replaysDone: 1,
      replaysFailed: 0,
    });
  });

  it('nothing of a dry run, of one that was cancelled, and of a proof that failed: neither has proved anything', () => {
    const { result: _, ...unproved } = run(verify, {}, [], { status: 'failed' });
    const dry = run({ ...verify, dryRun: true });
    const cancelled = run(replay, {}, [], { status: 'cancelled' });
    for (const each of [dry, cancelled, unproved]) expect(measureRun(each)).toEqual({});
  });
});
