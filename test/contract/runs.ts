import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Anchor, Anchors } from '../../lambdas/domain/recovery/anchors.ts';
import { type Executions, executionName } from '../../lambdas/domain/recovery/executions.ts';
import type { Audit, AuditEntry, Runs } from '../../lambdas/domain/recovery/ports.ts';
import type { PlanSummary, Run } from '../../lambdas/domain/recovery/run.ts';

const at = (minute: number) => `2026-11-21T09:0${minute}:00.000Z`;
const summary: PlanSummary = {
  ...{ objects: 1, records: 2, events: 3, bytes: 4, batches: 5, partitions: 6, minutes: 7 },
  cold: { objects: 1, bytes: 2, hours: { standard: 12, bulk: 48 }, usd: { standard: '0.1', bulk: '0.02' } },
};

function runOf(requestId: string, more: Partial<Run> = {}): Run {
  return {
    request: {
      ...{
        verb: 'redrive',
        requestId,
        operator: 'é "o"',
        reason: 'r',
        dryRun: false,
        rate: 1,
        maxLagSeconds: 5,
      },
      ...{ tenant: 't', fingerprint: 'f' },
      // What a store of typed attributes might not take.
      patch: [{ op: 'add', path: '', value: { '': null, a: [[]], é: 1e-9 } }],
    },
    attempt: 1,
    status: 'running',
    startedAt: at(0),
    ...more,
  };
}

/** What every store of runs must do. */
export function describeRunsContract(name: string, make: () => Runs): void {
  const fresh = () => `contract-${randomUUID()}`;
  const listed = async (runs: Runs, ids: readonly string[]) => {
    const all: Run[] = [];
    for await (const page of runs.latest()) all.push(...page);
    return all.filter(({ request }) => ids.includes(request.requestId));
  };

  describe(`runs: ${name}`, () => {
    it('gives a run back as it was added, and none that was not', async () => {
      const [runs, id] = [make(), fresh()];
      expect(await runs.find(id)).toBeUndefined();
      expect(await runs.add(runOf(id))).toBeUndefined();
      expect(await runs.find(id)).toEqual(runOf(id));
      expect(await listed(runs, [id])).toEqual([runOf(id)]);
    });

    it('takes one id once, whoever comes at the same moment, and says which run is there', async () => {
      const [runs, id] = [make(), fresh()];
      const claims = [1, 2, 3, 4, 5].map((minute) => runOf(id, { startedAt: at(minute) }));
      const answers = await Promise.all(claims.map((run) => runs.add(run)));
      expect(answers.filter((there) => there === undefined)).toHaveLength(1);
      const winner = claims[answers.indexOf(undefined)];
      expect(await runs.find(id)).toEqual(winner);
      for (const there of answers) if (there) expect(there).toEqual(winner);
    });

    it('changes what is given of the present attempt, and nothing of another', async () => {
      const [runs, id] = [make(), fresh()];
      await runs.add(runOf(id));
      const found = { kind: 'k', where: 'w', detail: 'd', action: 'a' };
      const changes: Parameters<Runs['update']>[2] = {
        status: 'differs',
        ...{ endedAt: at(3), execution: 'arn', plan: summary, error: '' },
        result: { counts: { a: 1 }, findings: [found] },
      };
      expect(await runs.update(id, 1, changes)).toBe(true);
      expect(await runs.update(id, 1, {})).toBe(true);
      expect(await runs.find(id)).toEqual(runOf(id, changes));
      expect(await runs.update(id, 2, { plan: summary })).toBe(false);
      expect(await runs.update(fresh(), 1, { plan: summary })).toBe(false);
      expect(await runs.find(id)).toEqual(runOf(id, changes));
    });

    it('lets a run come to one end: whoever comes after the first is told so', async () => {
      const [runs, id] = [make(), fresh()];
      await runs.add(runOf(id));
      const ends = (['done', 'cancelled', 'failed'] as const).map((status) => ({ status, endedAt: at(1) }));
      const ended = await Promise.all(ends.map((end) => runs.update(id, 1, end)));
      expect(ended.filter(Boolean)).toHaveLength(1);
      const end = ends[ended.indexOf(true)]!;
      expect(await runs.update(id, 1, { status: 'running', error: 'late' })).toBe(false);
      expect(await runs.find(id)).toEqual(runOf(id, end));
      // What says nothing of its end may still be noted.
      expect(await runs.update(id, 1, { execution: 'arn' })).toBe(true);
      expect(await runs.find(id)).toEqual(runOf(id, { ...end, execution: 'arn' }));
    });

    it('begins one attempt after the other, each once, with the plan and without the end of the one before', async () => {
      const [runs, id] = [make(), fresh()];
      await runs.add(runOf(id));
      await runs.update(id, 1, {
        status: 'failed',
        execution: 'arn',
        plan: summary,
        error: 'e',
        endedAt: at(1),
      });
      const begun = await Promise.all([2, 3, 4].map((minute) => runs.begin(id, 1, at(minute))));
      expect(begun.filter(Boolean)).toHaveLength(1);
      const startedAt = at(2 + begun.indexOf(true));
      expect(await runs.find(id)).toEqual(runOf(id, { attempt: 2, plan: summary, startedAt }));
      expect(await runs.begin(fresh(), 1, at(4))).toBe(false);
      // What the first attempt still had to say.
      await runs.update(id, 1, { status: 'done' });
      expect((await runs.find(id))!.status).toBe('running');
    });

    it('lists any number of them once, the latest first, by their first beginning', async () => {
      const runs = make();
      const ids = Array.from({ length: 60 }, fresh);
      const timeOf = (id: string) => `2026-11-21T09:${String(ids.indexOf(id)).padStart(2, '0')}:00.000Z`;
      const reason = 'x'.repeat(30_000);
      for (const id of ids.toSorted()) {
        const run = runOf(id, { startedAt: timeOf(id) });
        const large = { ...run, request: { ...run.request, reason } };
        await runs.add(large);
        await runs.add(large);
      }
      expect((await listed(runs, ids)).map(({ request }) => request.requestId)).toEqual(ids.toReversed());
    });
  });
}

/** What every audit must do. */
export function describeAuditContract(name: string, make: () => Audit): void {
  const entryOf = (requestId: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
    ...{ requestId, attempt: 1, what: 'started', at: at(1), operator: 'ö', reason: 'why' },
    detail: { verb: 'verify', nested: [1, null] },
    ...more,
  });

  describe(`audit: ${name}`, () => {
    it('keeps what was appended, of each run by itself, in the order of time', async () => {
      const audit = make();
      const id = `contract-${randomUUID()}`;
      const entries = [
        entryOf(id),
        entryOf(id, { what: 'failed', at: at(2) }),
        entryOf(id, { what: 'resumed', at: at(3), attempt: 2 }),
      ];
      for (const entry of [2, 0, 1].map((index) => entries[index]!)) await audit.append(entry);
      await audit.append(entryOf(`${id}-other`));
      expect(await audit.of(id)).toEqual(entries);
      expect(await audit.of(`${id}x`)).toEqual([]);
    });

    it('cannot be made to forget: what is put over an entry stands beside it; the same again is one', async () => {
      const audit = make();
      const id = `contract-${randomUUID()}`;
      await audit.append(entryOf(id));
      await audit.append(entryOf(id));
      await audit.append(entryOf(id, { operator: 'somebody else' }));
      const operators = (await audit.of(id)).map(({ operator }) => operator);
      expect(operators.sort()).toEqual(['somebody else', 'ö']);
    });
  });
}

/** What every store of anchors must do. It may hold others' anchors. */
export function describeAnchorsContract(name: string, make: () => Anchors): void {
  const anchorOf = (shardId: string, day: string, more: Partial<Anchor> = {}): Anchor => ({
    ...{ shardId, last: '1'.repeat(56), chain: 'c', objects: 1, records: 2, events: 3 },
    at: `${day}T00:10:00.000Z`,
    ...more,
  });
  const readAll = async (anchors: Anchors, shardId: string, from?: string, to?: string) => {
    const all: Anchor[] = [];
    for await (const some of anchors.read(from, to)) all.push(...some);
    return all.filter((anchor) => anchor.shardId.startsWith(shardId));
  };

  describe(`anchors: ${name}`, () => {
    it('gives the anchors of the days that are asked for, both ends included, in their order', async () => {
      const [anchors, id] = [make(), `shardId-${randomUUID()}`];
      const days = ['2026-10-31', '2026-11-01', '2026-11-02', '2026-11-10'];
      const written = days.flatMap((day) => [anchorOf(`${id}-0`, day), anchorOf(`${id}-1`, day)]);
      for (const anchor of written) await anchors.write(anchor);
      expect(await readAll(anchors, id)).toEqual(written);
      expect(await readAll(anchors, id, '2026-11-01', '2026-11-02')).toEqual(written.slice(2, 6));
      expect(await readAll(anchors, id, '2026-11-03')).toEqual(written.slice(6));
      expect(await readAll(anchors, id, undefined, '2026-10-30')).toEqual([]);
    });

    it('cannot be covered up: an anchor that another was written over is still read', async () => {
      const [anchors, id] = [make(), `shardId-${randomUUID()}`];
      await anchors.write(anchorOf(id, '2026-11-01'));
      await anchors.write(anchorOf(id, '2026-11-01', { chain: 'forged' }));
      expect((await readAll(anchors, id)).map(({ chain }) => chain).sort()).toEqual(['c', 'forged']);
    });
  });
}

/** What everything that carries out runs must do. `make` gives executions that go on for a minute at least. */
export function describeExecutionsContract(name: string, make: () => Executions): void {
  const fresh = () => {
    const input = { requestId: randomUUID(), attempt: 2 };
    return { input, called: executionName(input.requestId, input.attempt) };
  };
  const soon = { timeout: 10_000 };

  describe(`executions: ${name}`, () => {
    it('starts one execution for a name, however often and at what moment it is asked', async () => {
      const [executions, { called, input }] = [make(), fresh()];
      const start = () => executions.start(called, input);
      const [first, ...others] = await Promise.all([start(), start(), start()]);
      expect(first).toContain(called);
      for (const other of [...others, await start()]) expect(other).toBe(first);
      expect(await executions.goesOn(called)).toBe(true);
      await executions.stop(called, 'the test is over');
      // A name that was used stays used: what has ended is not begun again.
      expect(await start()).toBe(first);
      await expect.poll(() => executions.goesOn(called), soon).toBe(false);
    });

    it('stops what goes on, and minds neither what has ended nor what is not known', async () => {
      const [executions, { called, input }] = [make(), fresh()];
      await executions.stop(called, 'not begun');
      expect(await executions.goesOn(called)).toBeUndefined();
      await executions.start(called, input);
      await executions.stop(called, 'why');
      await expect.poll(() => executions.goesOn(called), soon).toBe(false);
      await executions.stop(called, 'again');
    });
  });
}
