import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concludeRun } from '../../lambdas/conclude/conclude-run.ts';
import { RequestError, readRequest } from '../../lambdas/domain/recovery/read-request.ts';
import { type Plan, type Run, runFiles, type StageResult } from '../../lambdas/domain/recovery/run.ts';
import { scheduledBefore, scheduledRequest } from '../../lambdas/domain/recovery/schedule.ts';
import { commandRun, type RecoverPorts, startRun } from '../../lambdas/recover/recover-run.ts';
import { recoveryExamples } from '../../lib/config/recovery-examples.ts';
import { MemoryRunFiles } from '../support/memory-run-files.ts';
import { MemoryAudit, MemoryExecutions, MemoryRuns } from '../support/memory-runs.ts';
import type { Around } from '../support/memory-state.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
class Death extends Error {}

/** Dies at the given calls, counted over all ports; each at a moment before or after it took effect. */
function dyingAt(calls: readonly number[], only: 'before' | 'after'): Around {
  let call = 0;
  return (_operation, moment) => {
    if (moment === only && calls.includes(call++)) throw new Death();
  };
}

/** Does it until nothing dies any more. */
async function untilDone<T>(act: () => Promise<T>): Promise<T> {
  for (let time = 0; time < 50; time++) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Death)) throw error;
    }
  }
  throw new Error('it never came to its end');
}

const deaths = fc.record({
  calls: fc.uniqueArray(fc.nat(14), { maxLength: 8 }),
  moment: fc.constantFrom('before' as const, 'after' as const),
});
const request = readRequest(recoveryExamples['replay-range'], NOW) as Run['request'];

function recoverWorld({ calls, moment }: { calls: readonly number[]; moment: 'before' | 'after' }) {
  const around = dyingAt(calls, moment);
  const [runs, audit, executions] = [
    new MemoryRuns(around),
    new MemoryAudit(around),
    new MemoryExecutions(around),
  ];
  let now = NOW;
  const ports: RecoverPorts = { runs, audit, executions, clock: { now: () => now++ } };
  return { runs, audit, executions, ports };
}

describe('a function that dies while it starts a run', () => {
  it('at any call has it started once, audited before, when it is asked again', async () => {
    await fc.assert(
      fc.asyncProperty(deaths, async (dying) => {
        const { runs, audit, executions, ports } = recoverWorld(dying);
        const answer = await untilDone(() => startRun(request, ports));
        expect(answer).toMatchObject({
          attempt: 1,
          status: 'running',
          execution: 'arn:execution:replay-acme-look.1',
        });
        expect([...executions.started.keys()]).toEqual(['replay-acme-look.1']);
        expect([...audit.entries.values()].map(({ what }) => what)).toEqual(['started']);
        expect(runs.runs.get(request.requestId)?.execution).toBe(answer.execution);
      }),
    );
  });

  it('or resumes one, at any call, begins one attempt', async () => {
    await fc.assert(
      fc.asyncProperty(deaths, async (dying) => {
        const { runs, audit, executions, ports } = recoverWorld(dying);
        runs.runs.set(request.requestId, {
          request,
          attempt: 1,
          status: 'failed',
          startedAt: 'then',
          error: 'e',
        });
        const { requestId } = request;
        const resume = { command: 'resume', requestId, operator: 'bob', reason: 'r' } as const;
        const answer = await untilDone(() => commandRun(resume, ports).catch(afterwards));
        expect(answer).toMatchObject({ attempt: 2, status: 'running' });
        expect([...executions.started.keys()]).toEqual([`${requestId}.2`]);
        expect([...audit.entries.values()].map(({ what, attempt }) => [what, attempt])).toEqual([
          ['resumed', 2],
        ]);

        /** Its answer was lost after all was done: then it goes on, and that is what is said. */
        async function afterwards(error: Error) {
          if (!/goes on \(attempt 2\)/.test(error.message)) throw error;
          return { attempt: 2, status: runs.runs.get(requestId)!.status };
        }
      }),
    );
  });
});

const finding = fc.record({
  kind: fc.string({ maxLength: 20 }),
  where: fc.string({ unit: 'grapheme', maxLength: 20 }),
  detail: fc.string({ unit: 'grapheme', maxLength: 5_000 }),
  action: fc.string({ maxLength: 20 }),
});
const part: fc.Arbitrary<StageResult> = fc.record({
  counts: fc.dictionary(fc.constantFrom('objects', 'events', 'sent', '__proto__'), fc.nat(1_000)),
  findings: fc.array(finding, { maxLength: 40 }),
});

describe('a function that dies while it concludes a run', () => {
  it('at any call comes to the same result, with one entry in the audit, when it is run again', async () => {
    await fc.assert(
      fc.asyncProperty(
        deaths,
        fc.array(part, { minLength: 1, maxLength: 4 }),
        async ({ calls, moment }, parts) => {
          const files = new Map<string, Buffer>();
          const put = (name: string, value: unknown) =>
            files.set(`${request.requestId}/${name}`, Buffer.from(JSON.stringify(value)));
          const none = { objects: 0, records: 0, events: 0, bytes: 0, partitions: 0, minutes: 0 };
          const plan = {
            request: { ...request, dryRun: false },
            summary: { ...none, batches: parts.length },
          };
          put(runFiles.plan, plan as Plan);
          for (const [number, each] of parts.entries())
            put(runFiles.resent(runFiles.batch(number).replace('/', '-')), each);
          const around = dyingAt(calls, moment);
          const [runs, audit] = [new MemoryRuns(around), new MemoryAudit(around)];
          runs.runs.set(request.requestId, { request, attempt: 1, status: 'running', startedAt: 'then' });
          let now = NOW;
          const ports = {
            runs,
            audit,
            files: new MemoryRunFiles(around, files),
            clock: { now: () => now++ },
          };
          const { requestId } = request;
          const run = await untilDone(() => concludeRun({ requestId, attempt: 1 }, ports));

          const found = parts.flatMap(({ findings }) => findings).length;
          expect(run.status).toBe(found > 0 ? 'differs' : 'done');
          expect(run.result!.counts.findings ?? 0).toBe(found);
          for (const name of ['objects', 'events', 'sent'])
            expect(run.result!.counts[name] ?? 0).toBe(
              parts.reduce((sum, { counts }) => sum + (counts[name] ?? 0), 0),
            );
          expect(Buffer.byteLength(JSON.stringify(run.result))).toBeLessThan(200_000);
          expect(JSON.parse(files.get(`${requestId}/${runFiles.result}`)!.toString())).toEqual(
            JSON.parse(JSON.stringify(run.result)),
          );
          expect(runs.runs.get(requestId)).toEqual(run);
          expect([...audit.entries.values()].map(({ what }) => what)).toEqual(['finished']);
        },
      ),
    );
  });
});

describe('a run that is cancelled while it is concluded', () => {
  it('has one end, whichever call comes first, and both are told which', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.option(fc.constant('e'), { nil: undefined }),
        async (turns, error) => {
          const { requestId } = request;
          const around: Around = (operation) => turns.schedule(Promise.resolve(), operation);
          const [runs, audit] = [new MemoryRuns(around), new MemoryAudit(around)];
          runs.runs.set(requestId, { request, attempt: 1, status: 'running', startedAt: 'then' });
          const none = { objects: 0, records: 0, events: 0, bytes: 0, batches: 0, partitions: 0, minutes: 0 };
          const plan = Buffer.from(JSON.stringify({ request: { ...request, dryRun: false }, summary: none }));
          const files = new MemoryRunFiles(around, new Map([[`${requestId}/${runFiles.plan}`, plan]]));
          const ports = { runs, audit, files, executions: new MemoryExecutions(), clock: { now: () => NOW } };
          const concluding = { requestId, attempt: 1, ...(error !== undefined && { error }) };
          const cancel = { command: 'cancel', requestId, operator: 'bob', reason: 'r' } as const;
          const [concluded, cancelled] = await turns.waitFor(
            Promise.all([
              concludeRun(concluding, ports),
              commandRun(cancel, ports).then(
                ({ status }) => status as string,
                (refusal: Error) => refusal.message,
              ),
            ]),
          );

          const { status } = runs.runs.get(requestId)!;
          const itsOwn = error === undefined ? 'done' : 'failed';
          expect([itsOwn, 'cancelled']).toContain(status);
          expect(concluded.status).toBe(status);
          expect(cancelled).toContain(status === 'cancelled' ? 'cancelled' : `has ended (${status})`);
          const ended = [...audit.entries.values()].filter(({ what }) => what !== 'cancelled');
          expect(ended.map(({ what }) => what)).toEqual(
            status === 'cancelled' ? [] : [status === 'done' ? 'finished' : 'failed'],
          );
        },
      ),
    );
  });
});

describe('any JSON', () => {
  const members = [...new Set(Object.values(recoveryExamples).flatMap((example) => Object.keys(example)))];
  const json = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(fc.constantFrom(...members), fc.jsonValue()),
    // A request that is right but for one member.
    fc
      .tuple(
        fc.constantFrom(...Object.values(recoveryExamples)),
        fc.constantFrom(...members, '__proto__'),
        fc.jsonValue(),
      )
      .map(([example, name, value]) =>
        JSON.parse(
          `${JSON.stringify(example).slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(value)}}`,
        ),
      ),
  );

  it('is taken, or refused with its mistakes in bounds; and what is taken stays what it is when it is read again', () => {
    fc.assert(
      fc.property(json, (value) => {
        try {
          const read = readRequest(value, NOW);
          expect(readRequest(JSON.parse(JSON.stringify(read)), NOW)).toEqual(read);
        } catch (error) {
          expect(error).toBeInstanceOf(RequestError);
          expect((error as RequestError).mistakes.length).toBeGreaterThan(0);
          expect((error as Error).message.length).toBeLessThan(20_000);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the schedule', () => {
  const HOUR = 3_600_000;
  const instant = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2036, 0) });

  it('at any time asks for windows that have been closed for an hour, each hour and day once, without a gap', () => {
    fc.assert(
      fc.property(
        instant,
        fc.constantFrom('hourly' as const, 'nightly' as const, 'identities' as const),
        (ms, scheduled) => {
          const at = (offset: number) =>
            scheduledRequest({ scheduled, time: new Date(ms + offset).toISOString() });
          const length = scheduled === 'hourly' ? HOUR : 24 * HOUR;
          const { from, to, requestId, repair, identities } = at(0);
          expect([repair, identities]).toEqual([false, scheduled === 'identities']);
          // Of what was sent again after midnight, the first is of the day before.
          const days = scheduled === 'identities' ? 2 : 1;
          expect(Date.parse(to!) - Date.parse(from!)).toBe(days * length);
          expect(Date.parse(from!) % length).toBe(0);
          if (scheduled === 'hourly') expect(ms - Date.parse(to!)).toBeGreaterThanOrEqual(HOUR);
          else expect(ms).toBeGreaterThanOrEqual(Date.parse(to!));
          expect(at(days * length).from).toBe(to);
          expect(scheduledBefore({ scheduled, time: new Date(ms + length).toISOString() })).toEqual({
            scheduled,
            time: new Date(ms).toISOString(),
          });
          const again = at(length - 1 - (ms % length));
          expect([again.requestId, again.from]).toEqual([requestId, from]);
          expect(at(length).requestId).not.toBe(requestId);
          expect(requestId).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
        },
      ),
    );
  });

  it.each([
    [{}],
    [{ scheduled: 'weekly', time: '2026-11-21T07:00:00Z' }],
    [{ scheduled: 'hourly', time: 'now' }],
  ])('refuses %j, and says what a rule must send', (event) => {
    expect(() => scheduledRequest(event as never)).toThrow(/A rule must send/);
  });
});
