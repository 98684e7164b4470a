import type { Clock } from '../domain/ports.ts';
import { compareRequests } from '../domain/recovery/compare-requests.ts';
import { type Executions, executionName } from '../domain/recovery/executions.ts';
import type { Audit, AuditEntry, Runs } from '../domain/recovery/ports.ts';
import type { RunCommand, RunRequest } from '../domain/recovery/request.ts';
import type { Run } from '../domain/recovery/run.ts';
import {
  isReserved,
  type ScheduleEvent,
  scheduledBefore,
  scheduledRequest,
} from '../domain/recovery/schedule.ts';
import { nextStep } from './next-step.ts';

export interface RecoverPorts {
  readonly runs: Runs;
  readonly executions: Executions;
  readonly audit: Pick<Audit, 'append'>;
  readonly clock: Clock;
}

/** What an operator is answered. */
export interface Answer {
  readonly requestId: string;
  readonly attempt: number;
  readonly status: Run['status'];
  /** ARN of the Step Functions execution. */
  readonly execution?: string;
  /** What to do now. */
  readonly next: string;
}

/** What is asked does not go with the run that there is. Its message says what to do. */
export class RecoverError extends Error {
  override readonly name = 'RecoverError';
}

/** How long after its start an execution that is not known is taken to go on, in ms: what is asked of it may be old. */
const UNKNOWN_MS = 5 * 60_000;

const DIED = 'The execution ended and said nothing of how: Step Functions shows it. Resume the run.';

/**
 * Starts a run, or finds that it was started: the same request twice is one run. Of one of the schedule it only tells.
 * @throws RecoverError where the id is that of another request
 */
export async function startRun(request: RunRequest, ports: RecoverPorts): Promise<Answer> {
  const { requestId } = request;
  if (isReserved(requestId) && !(await ports.runs.find(requestId))) {
    throw new RecoverError(
      `There is no run ${requestId}, and Weir names its own so: take a requestId that does not begin with ` +
        'hourly-, nightly-, identities- or repair-shard.',
    );
  }
  return addRun(request, ports);
}

/** Starts the run that is due. Nobody waits for those of the schedule: each looks after the one before it. */
export async function startScheduled(event: ScheduleEvent, ports: RecoverPorts): Promise<Answer> {
  const answer = await addRun(scheduledRequest(event), ports);
  const before = await ports.runs.find(scheduledRequest(scheduledBefore(event)).requestId);
  if (before) await look(before, before.request, ports);
  return answer;
}

async function addRun(request: RunRequest, ports: RecoverPorts): Promise<Answer> {
  const run: Run = { request, attempt: 1, status: 'running', startedAt: timeOf(ports) };
  const there = await ports.runs.add(run);
  if (!there) return beginAttempt(run, request, ports);
  const differences = compareRequests(there.request, request);
  if (differences.length > 0) {
    throw new RecoverError(
      `There is a run ${request.requestId} already, of ${there.startedAt}, and it was asked otherwise in ${differences.join(', ')}. ` +
        'Take another requestId; or give the very same request to see how that run is.',
    );
  }
  return answerOf(await look(there, request, ports));
}

/** Carries out what is asked of a run. @throws RecoverError where there is none, or it is not in a state for it */
export async function commandRun(command: RunCommand, ports: RecoverPorts): Promise<Answer> {
  const { requestId } = command;
  const found = await ports.runs.find(requestId);
  if (!found)
    throw new RecoverError(`There is no run ${requestId}: "weir runs list" shows those that there are.`);
  return command.command === 'cancel' ? cancelRun(found, command, ports) : resumeRun(found, command, ports);
}

async function resumeRun(found: Run, command: RunCommand, ports: RecoverPorts): Promise<Answer> {
  const { requestId } = command;
  // Whoever resumed it and died on the way has claimed the attempt: it is this one that starts now.
  const run = await look(found, command, ports);
  if (found.execution === undefined && run.execution !== undefined) return answerOf(run);
  if (run.status === 'running') throw goesOn(run);
  if (run.status === 'done' || run.status === 'differs') {
    throw new RecoverError(
      `The run ${requestId} is done: there is nothing to resume. To do it again, take another requestId.`,
    );
  }
  const startedAt = timeOf(ports);
  if (await ports.runs.begin(requestId, run.attempt, startedAt)) {
    const { request, plan } = run;
    const next: Run = {
      request,
      attempt: run.attempt + 1,
      status: 'running',
      startedAt,
      ...(plan && { plan }),
    };
    return beginAttempt(next, command, ports);
  }
  // Somebody else has resumed it in this moment.
  return answerOf(await look((await ports.runs.find(requestId))!, command, ports));
}

/** Workers see the status and stop by themselves, even where the execution could not be stopped. */
async function cancelRun(found: Run, command: RunCommand, ports: RecoverPorts): Promise<Answer> {
  const { requestId } = command;
  if (found.status !== 'running' && found.status !== 'cancelled') throw hasEnded(found);
  const endedAt = found.endedAt ?? timeOf(ports);
  await ports.audit.append(entryOf(found, 'cancelled', endedAt, command));
  if (!(await ports.runs.update(requestId, found.attempt, { status: 'cancelled', endedAt }))) {
    // It is cancelled already; or it came to its end in this moment, or somebody has resumed it.
    const now = (await ports.runs.find(requestId))!;
    if (now.status !== 'cancelled') throw now.status === 'running' ? goesOn(now) : hasEnded(now);
  }
  const why = `${command.operator}: ${command.reason}`;
  await ports.executions.stop(executionName(requestId, found.attempt), why);
  return answerOf({ ...found, status: 'cancelled', endedAt });
}

function hasEnded({ request, status }: Run): RecoverError {
  return new RecoverError(`The run ${request.requestId} has ended (${status}): there is nothing to cancel.`);
}

function goesOn({ request, attempt }: Run): RecoverError {
  return new RecoverError(
    `The run ${request.requestId} goes on (attempt ${attempt}). Cancel it first if it should not.`,
  );
}

/**
 * Nothing is done that the audit does not have, and what is repeated after a crash is the same: the entry by its key,
 * the execution by its name.
 */
async function beginAttempt(run: Run, asked: RunRequest | RunCommand, ports: RecoverPorts): Promise<Answer> {
  const what = run.attempt === 1 ? 'started' : 'resumed';
  await ports.audit.append(entryOf(run, what, run.startedAt, asked));
  const { requestId } = run.request;
  const { attempt } = run;
  const execution = await ports.executions.start(executionName(requestId, attempt), { requestId, attempt });
  await ports.runs.update(requestId, attempt, { execution });
  return answerOf({ ...run, execution });
}

/**
 * The run as it is. One that was claimed and never started is started now; one whose execution is over, and that nobody
 * could bring to an end, has failed.
 */
async function look(run: Run, asked: RunRequest | RunCommand, ports: RecoverPorts): Promise<Run> {
  if (run.status !== 'running') return run;
  if (run.execution === undefined) {
    const { execution } = await beginAttempt(run, asked, ports);
    return { ...run, ...(execution !== undefined && { execution }) };
  }
  const { requestId } = run.request;
  const age = ports.clock.now() - Date.parse(run.startedAt);
  const going = await ports.executions.goesOn(executionName(requestId, run.attempt));
  if (going ?? age < UNKNOWN_MS) return run;
  // It may have come to its end between the two looks.
  const now = (await ports.runs.find(requestId)) ?? run;
  if (now.status !== 'running' || now.attempt !== run.attempt) return now;
  const ended = { status: 'failed', error: DIED, endedAt: timeOf(ports) } as const;
  await ports.audit.append({ ...entryOf(run, 'failed', ended.endedAt, asked), detail: { error: DIED } });
  if (await ports.runs.update(requestId, run.attempt, ended)) return { ...now, ...ended };
  return (await ports.runs.find(requestId))!;
}

function entryOf(run: Run, what: AuditEntry['what'], at: string, asked: RunRequest | RunCommand): AuditEntry {
  const { operator, reason } = asked;
  return {
    requestId: run.request.requestId,
    attempt: run.attempt,
    what,
    at,
    operator,
    reason,
    detail: asked,
  };
}

function answerOf(run: Run): Answer {
  const { request, attempt, status, execution } = run;
  const { requestId } = request;
  return { requestId, attempt, status, ...(execution !== undefined && { execution }), next: nextStep(run) };
}

function timeOf({ clock }: RecoverPorts): string {
  return new Date(clock.now()).toISOString();
}
