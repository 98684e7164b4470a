import type { Verb } from '../domain/recovery/request.ts';
import { type Run, RunCancelledError, RunRefusedError, runFiles } from '../domain/recovery/run.ts';
import { makePlan, type Selected } from './make-plan.ts';
import { type Barrier, passBarrier } from './pass-barrier.ts';
import type { PlanPorts } from './ports.ts';
import { type Restoring, restoreObjects } from './restore-objects.ts';

/** What the state machine asks. */
export interface PlanStep {
  readonly requestId: string;
  readonly attempt: number;
  readonly step: 'begin' | 'barrier' | 'select' | 'restore' | 'gather';
}

export interface Begun {
  readonly verb: Verb;
  readonly dryRun: boolean;
  readonly barrier: boolean;
}

export type PlanAnswer = Begun | Barrier | Selected | Restoring | { readonly files: number };

/**
 * One step of a run. Each may be repeated at any time, and killed at any moment.
 * @param deadline ms since the epoch by which it has to be done
 * @throws RunCancelledError where the run was cancelled, or another attempt has begun
 * @throws RunRefusedError where it can't be carried out
 */
export async function planRun(
  { requestId, attempt, step }: PlanStep,
  ports: PlanPorts,
  deadline: number,
): Promise<PlanAnswer> {
  const run = await ports.runs.find(requestId);
  if (!run) throw new RunRefusedError(`There is no run "${requestId}": start it by invoking "recover"`);
  if (run.status === 'cancelled' || run.attempt !== attempt)
    throw new RunCancelledError(
      run.status === 'cancelled'
        ? `run "${requestId}" was cancelled`
        : `run "${requestId}" is at attempt ${run.attempt}; this is ${attempt}`,
    );
  switch (step) {
    case 'begin':
      return begin(run, ports);
    case 'barrier':
      return passBarrier(run, ports, deadline);
    case 'select':
      return makePlan(run, ports);
    case 'restore':
      return restoreObjects(run, ports, deadline);
    case 'gather':
      return { files: (await ports.files.list(requestId, 'missing/')).length };
  }
}

/** What is compared with state is only fair at a known point. A resumed run keeps the one that it had. */
async function begin({ request }: Run, { files }: PlanPorts): Promise<Begun> {
  const { requestId, verb, dryRun } = request;
  const compares =
    verb === 'preview' ||
    verb === 'rebuild' ||
    (verb === 'reconcile' && !request.identities) ||
    (verb === 'verify' && request.certificate);
  const barrier = compares && !dryRun && (await files.get(requestId, runFiles.bounds)) === undefined;
  return { verb, dryRun, barrier };
}
