import { beforeEach, describe, expect, it } from 'vitest';
import { readRequest } from '../../lambdas/domain/recovery/read-request.ts';
import type { ReplayRequest, RunCommand } from '../../lambdas/domain/recovery/request.ts';
import {
  commandRun,
  type RecoverPorts,
  startRun,
  startScheduled,
} from '../../lambdas/recover/recover-run.ts';
import { MemoryAudit, MemoryExecutions, MemoryRuns } from '../support/memory-runs.ts';

const request: ReplayRequest = {
  ...{ verb: 'replay', requestId: 'r', operator: 'ada', reason: 'why', dryRun: false },
  ...{ from: '2026-11-20T07:00:00.000Z', rate: 500, maxLagSeconds: 30 },
};
const command = (what: RunCommand['command']): RunCommand => ({
  ...{ command: what, requestId: 'r', operator: 'bob', reason: `to ${what}` },
});

let runs: MemoryRuns;
let audit: MemoryAudit;
let executions: MemoryExecutions;
let ports: RecoverPorts;
let now: number;

beforeEach(() => {
  [runs, audit, executions] = [new MemoryRuns(), new MemoryAudit(), new MemoryExecutions()];
  now = Date.parse('2026-11-21T12:00:00Z');
  ports = { runs, audit, executions, clock: { now: () => now++ } };
});

const audited = async () =>
  (await audit.of('r')).map(({ attempt, what, operator }) => [attempt, what, operator]);
const names = () => [...executions.started.keys()];
const fail = () => runs.update('r', 1, { status: 'failed', error: 'e', endedAt: '2026-11-21T13:00:00.000Z' });

describe('starting a run', () => {
  it('claims it, audits it, and starts its execution with nothing but its name', async () => {
    const answer = await startRun(request, ports);
    expect(answer).toEqual({
      ...{ requestId: 'r', attempt: 1, status: 'running', execution: 'arn:execution:r.1' },
      next: expect.stringContaining('weir runs watch r'),
    });
    expect(executions.started.get('r.1')?.input).toEqual({ requestId: 'r', attempt: 1 });
    expect(runs.runs.get('r')).toMatchObject({ request, attempt: 1, execution: 'arn:execution:r.1' });
    expect(await audit.of('r')).toMatchObject([
      { what: 'started', operator: 'ada', reason: 'why', detail: request },
    ]);
  });

  it('twice, and at the same moment, is one run', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => startRun(structuredClone(request), ports)));
    answers.push(await startRun(request, ports));
    expect(new Set(answers.map(({ execution }) => execution)).size).toBe(1);
    expect(names()).toEqual(['r.1']);
    expect(await audited()).toEqual([[1, 'started', 'ada']]);
  });

  it('tells how a run is that has ended, and does not do it again', async () => {
    await startRun(request, ports);
    await runs.update('r', 1, { status: 'differs', result: { counts: {}, findings: [] } });
    expect(await startRun(request, ports)).toMatchObject({ attempt: 1, status: 'differs' });
    expect(names()).toEqual(['r.1']);
  });

  it('with an id that is taken, and other arguments, is an error that names them', async () => {
    await startRun(request, ports);
    const other = { ...request, reason: 'else', rate: 1, types: ['a'] };
    await expect(startRun(other, ports)).rejects.toThrow(
      /asked otherwise in \/reason, \/rate, \/types\. Take another/,
    );
    expect(names()).toEqual(['r.1']);
    expect(await audited()).toHaveLength(1);
  });

  it('is not done where it can not be audited', async () => {
    const deaf = { ...ports, audit: { append: () => Promise.reject(new Error('no audit')) } };
    await expect(startRun(request, deaf)).rejects.toThrow('no audit');
    expect(names()).toEqual([]);
    expect(await startRun(request, ports)).toMatchObject({
      status: 'running',
      execution: 'arn:execution:r.1',
    });
  });
});

describe('resuming', () => {
  it('a failed or cancelled run begins another attempt, with what was planned', async () => {
    await startRun(request, ports);
    const plan = { objects: 1, records: 1, events: 1, bytes: 1, batches: 1, partitions: 1, minutes: 1 };
    await runs.update('r', 1, { plan });
    await fail();
    expect(await commandRun(command('resume'), ports)).toMatchObject({ attempt: 2, status: 'running' });
    expect(runs.runs.get('r')).toMatchObject({ attempt: 2, plan, execution: 'arn:execution:r.2' });
    expect(runs.runs.get('r')).not.toHaveProperty('error');
    await commandRun(command('cancel'), ports);
    expect(await commandRun(command('resume'), ports)).toMatchObject({ attempt: 3, status: 'running' });
    expect(names()).toEqual(['r.1', 'r.2', 'r.3']);
    expect(await audited()).toEqual([
      ...[
        [1, 'started', 'ada'],
        [2, 'resumed', 'bob'],
      ],
      ...[
        [2, 'cancelled', 'bob'],
        [3, 'resumed', 'bob'],
      ],
    ]);
  });

  it('once more, where it died between claiming the attempt and starting it, starts that one and says so', async () => {
    await startRun(request, ports);
    await fail();
    await runs.begin('r', 1, '2026-11-21T13:00:00.000Z');
    const answer = await commandRun(command('resume'), ports);
    expect(answer).toMatchObject({ attempt: 2, status: 'running', execution: 'arn:execution:r.2' });
    expect(names()).toEqual(['r.1', 'r.2']);
  });

  it('at the same moment begins one attempt', async () => {
    await startRun(request, ports);
    await fail();
    const answers = await Promise.all([1, 2].map(() => commandRun(command('resume'), ports)));
    expect(answers.map(({ attempt }) => attempt)).toEqual([2, 2]);
    expect(names()).toEqual(['r.1', 'r.2']);
  });

  it('is refused of a run that goes on, is done, or is not there, and says what to do', async () => {
    await expect(commandRun(command('resume'), ports)).rejects.toThrow(/no run r: "weir runs list"/);
    await startRun(request, ports);
    await expect(commandRun(command('resume'), ports)).rejects.toThrow(
      /goes on \(attempt 1\)\. Cancel it first/,
    );
    await runs.update('r', 1, { status: 'done' });
    await expect(commandRun(command('resume'), ports)).rejects.toThrow(/is done: .* another requestId/);
    expect(names()).toEqual(['r.1']);
  });

  it('a run whose execution died without a word finds that it failed, and goes on', async () => {
    await startRun(request, ports);
    executions.started.get('r.1')!.goesOn = false;
    expect(await commandRun(command('resume'), ports)).toMatchObject({ attempt: 2, status: 'running' });
    expect((await audited()).map(([, what]) => what)).toEqual(['started', 'failed', 'resumed']);
  });

  it('takes no run for dead that came to its end between two looks', async () => {
    await startRun(request, ports);
    const ends: RecoverPorts = {
      ...ports,
      executions: Object.assign(Object.create(executions), {
        goesOn: async () => {
          await runs.update('r', 1, { status: 'done' });
          return false;
        },
      }),
    };
    await expect(commandRun(command('resume'), ends)).rejects.toThrow(/is done/);
    expect(runs.runs.get('r')!.status).toBe('done');
  });
});

describe('the same request of a run whose execution died', () => {
  it('says that it failed, and that it can be resumed', async () => {
    await startRun(request, ports);
    executions.started.get('r.1')!.goesOn = false;
    const answer = await startRun(request, ports);
    expect(answer.status).toBe('failed');
    expect(answer.next).toContain('"command": "resume"');
  });
});

describe('a run of the schedule', () => {
  const seven = { scheduled: 'hourly', time: '2026-11-21T07:20:00Z' } as const;
  const eight = { scheduled: 'hourly', time: '2026-11-21T08:20:00Z' } as const;
  const [first, second] = ['hourly-20261121T05', 'hourly-20261121T06'];

  it('is started by nobody but the schedule', async () => {
    for (const requestId of [first, 'nightly-2026-11-20', 'identities-2026-11-20', 'repair-shardId-0-1'])
      await expect(startRun({ ...request, requestId }, ports)).rejects.toThrow(
        /no run .* does not begin with/,
      );
    expect(names()).toEqual([]);
    expect(await startScheduled(seven, ports)).toMatchObject({ requestId: first, status: 'running' });
    expect(await startScheduled(seven, ports)).toMatchObject({ requestId: first, attempt: 1 });
    expect(names()).toEqual([`${first}.1`]);
  });

  it('whose execution died is found by who watches it: its own request, as it is listed', async () => {
    await startScheduled(seven, ports);
    const asked = readRequest(
      JSON.parse(JSON.stringify(runs.runs.get(first)!.request)),
      now,
    ) as ReplayRequest;
    expect(await startRun(asked, ports)).toMatchObject({ status: 'running' });
    executions.started.get(`${first}.1`)!.goesOn = false;
    expect(await startRun(asked, ports)).toMatchObject({ status: 'failed' });
    await expect(startRun({ ...asked, reason: 'else' }, ports)).rejects.toThrow(
      /asked otherwise in \/reason/,
    );
  });

  it('whose execution died is found by the next one; one that goes on is left alone', async () => {
    await startScheduled(seven, ports);
    await startScheduled(eight, ports);
    expect([first, second].map((id) => runs.runs.get(id)!.status)).toEqual(['running', 'running']);
    executions.started.get(`${first}.1`)!.goesOn = false;
    await startScheduled(eight, ports);
    expect([first, second].map((id) => runs.runs.get(id)!.status)).toEqual(['failed', 'running']);
  });
});

describe('a run whose execution is not known', () => {
  it('goes on for some minutes, as what is told may be older than its start; then it has failed', async () => {
    await startRun(request, ports);
    executions.started.clear();
    expect(await startRun(request, ports)).toMatchObject({ attempt: 1, status: 'running' });
    now += 4 * 60_000;
    expect(await startRun(request, ports)).toMatchObject({ status: 'running' });
    now += 60_000;
    expect(await startRun(request, ports)).toMatchObject({ status: 'failed' });
  });
});

describe('cancelling', () => {
  it('says so to workers, then stops the execution, and can be repeated', async () => {
    await startRun(request, ports);
    const order: string[] = [];
    const watched: RecoverPorts = {
      ...ports,
      executions: new MemoryExecutions(
        (operation) => void order.push(`${operation} ${runs.runs.get('r')!.status}`),
      ),
    };
    await commandRun(command('cancel'), watched);
    expect(order[0]).toBe('stop cancelled');
    expect(await commandRun(command('cancel'), ports)).toMatchObject({ status: 'cancelled' });
    expect(executions.started.get('r.1')).toMatchObject({ goesOn: false, why: 'bob: to cancel' });
    expect(await audited()).toEqual([
      [1, 'started', 'ada'],
      [1, 'cancelled', 'bob'],
    ]);
  });

  it('is refused of a run that has ended', async () => {
    await startRun(request, ports);
    await fail();
    await expect(commandRun(command('cancel'), ports)).rejects.toThrow(/has ended \(failed\)/);
  });
});
