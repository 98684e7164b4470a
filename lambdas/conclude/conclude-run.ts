import type { Clock } from '../domain/ports.ts';
import { type CaughtError, explainFailure } from '../domain/recovery/explain-failure.ts';
import type { NotedFailure } from '../domain/recovery/note-failure.ts';
import type { Audit, RunFiles, Runs } from '../domain/recovery/ports.ts';
import { type Plan, type Run, type RunResult, type RunStatus, runFiles } from '../domain/recovery/run.ts';
import { addUp } from './add-up.ts';
import { certify, hashOfIssued } from './certify.ts';
import { readAll, readJson } from './read-files.ts';

export interface ConcludePorts {
  readonly runs: Pick<Runs, 'find' | 'update'>;
  readonly files: Pick<RunFiles, 'get' | 'list' | 'putNew'>;
  readonly audit: Pick<Audit, 'append'>;
  readonly clock: Clock;
}

/** What the state machine hands over at the end of an attempt. */
export interface ConcludeEvent {
  readonly requestId: string;
  readonly attempt: number;
  /** Why it failed, if it did. */
  readonly error?: CaughtError | string;
}

/** Failures that are read: those of one cause say the same. */
const MAX_NOTES = 20;

/**
 * Brings an attempt to its end: adds up what its parts came to, or says why it failed. Whatever it is killed at, done
 * again it comes to the same: the first result stands, and the audit's entry bears the time at which the run ended.
 * @throws Error where there is no such run, or a part of it is not done
 */
export async function concludeRun(event: ConcludeEvent, ports: ConcludePorts): Promise<Run> {
  const { requestId, attempt, error } = event;
  const run = await ports.runs.find(requestId);
  if (!run) throw new Error(`there is no run ${requestId}`);
  // An attempt that was cancelled, or that another came after, has nothing to say any more.
  if (run.attempt !== attempt || run.status === 'cancelled') return run;
  const ended = run.status === 'running' ? await end(run, error, ports) : run;
  if (ended.attempt !== attempt || ended.status === 'cancelled') return ended;
  const certificate = ended.status === 'failed' ? undefined : await hashOfIssued(ended.request, ports.files);
  await ports.audit.append(entryOf(ended, certificate));
  return ended;
}

async function end(run: Run, error: ConcludeEvent['error'], ports: ConcludePorts): Promise<Run> {
  const { requestId } = run.request;
  const changes = {
    ...(error === undefined ? await conclusion(run, ports) : await failure(run, error, ports)),
    endedAt: new Date(ports.clock.now()).toISOString(),
  };
  if (await ports.runs.update(requestId, run.attempt, changes)) return { ...run, ...changes };
  // Somebody else was first: it was cancelled meanwhile, or is concluded twice.
  return (await ports.runs.find(requestId))!;
}

async function conclusion({ request }: Run, { files, clock }: ConcludePorts) {
  const { requestId } = request;
  const plan = await readJson<Plan>(files, requestId, runFiles.plan);
  if (!plan) throw new Error(`the plan of run ${requestId} is gone: begin a new run`);
  const result = await settle(requestId, await addUp(plan, files), files);
  await certify(plan, result, clock.now(), files);
  const status: RunStatus = (result.counts.findings ?? 0) > 0 ? 'differs' : 'done';
  return { status, result, plan: plan.summary };
}

/** The first result that was written is the run's. */
async function settle(
  requestId: string,
  result: RunResult,
  files: ConcludePorts['files'],
): Promise<RunResult> {
  const bytes = Buffer.from(JSON.stringify(result));
  if (await files.putNew(requestId, runFiles.result, bytes)) return result;
  return (await readJson<RunResult>(files, requestId, runFiles.result))!;
}

async function failure(run: Run, error: CaughtError | string, { files }: ConcludePorts) {
  const { requestId } = run.request;
  const names = await files.list(requestId, runFiles.failure(run.attempt, ''));
  const noted: NotedFailure[] = [];
  for await (const note of readAll<NotedFailure>(files, requestId, names.slice(0, MAX_NOTES)))
    noted.push(note);
  const status: RunStatus = 'failed';
  return { status, error: explainFailure(error, noted) };
}

/** @param certificate SHA-256 of the one that was issued: whoever makes another later makes one with another hash */
function entryOf(
  { request, attempt, status, endedAt = '', result, error }: Run,
  certificate: string | undefined,
) {
  const { requestId, operator, reason } = request;
  const what = status === 'failed' ? ('failed' as const) : ('finished' as const);
  const detail =
    status === 'failed'
      ? { status, error }
      : { status, result, ...(certificate !== undefined && { certificate }) };
  return { requestId, attempt, what, at: endedAt, operator, reason, detail };
}
