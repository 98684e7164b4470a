import type { Run } from '../../lambdas/domain/recovery/run.ts';
import type { Use } from '../platform/context.ts';
import { CliError, couldNotRun, EXIT, explain, refused } from '../platform/errors.ts';
import { type CountFiles, findPhase } from './find-phase.ts';
import { PhaseDisplay } from './phase-display.ts';
import type { RecoveryPorts } from './ports.ts';

const FIRST_MS = 500;
const POLL_MS = 2_000;
/** Every so many looks `recover` is asked how the run stands: an execution that died could not say so itself. */
const ASK_EVERY = 30;
/** Looks in a row that may fail before watching is given up. The run does not mind. */
const TRIES = 5;

/** Watches a run until it is over. @throws CliError at Ctrl-C: the run goes on, and the message says how to see and end it */
export async function watchRun(requestId: string, ports: RecoveryPorts, use: Use): Promise<Run> {
  const { interrupted, stderr } = use.host;
  const display = new PhaseDisplay(stderr, ports.now);
  const count = fileCounter(requestId, ports);
  let failures = 0;
  try {
    for (let look = 1; ; look++) {
      try {
        const run = await findRun(requestId, ports);
        if (run.status !== 'running') return run;
        if (look % ASK_EVERY === 0) await ports.recover(run.request).catch(() => {});
        display.show(await findPhase(run, count));
        failures = 0;
      } catch (error) {
        if (error instanceof CliError) throw error;
        if (++failures >= TRIES) throw lostSight(requestId, error, use);
      }
      await ports.sleep(look < 5 ? FIRST_MS : POLL_MS, interrupted);
      if (interrupted.aborted) throw interruptedWhile(requestId);
    }
  } finally {
    display.stop();
  }
}

/** @throws CliError where there is no such run */
export async function findRun(requestId: string, { runs }: Pick<RecoveryPorts, 'runs'>): Promise<Run> {
  const run = await runs.find(requestId);
  if (run) return run;
  throw refused(`There is no run ${requestId}.`, 'weir runs list shows those that there are.');
}

/** Counts files of a run's folders. Those of a folder that is whole are not listed again at every look. */
function fileCounter(requestId: string, { files }: RecoveryPorts): CountFiles {
  const whole = new Map<string, number>();
  return async (folder, total) => {
    const known = whole.get(folder);
    if (known !== undefined) return known;
    const count = (await files.list(requestId, `${folder}/`)).length;
    if (count >= total) whole.set(folder, count);
    return count;
  };
}

function interruptedWhile(requestId: string): CliError {
  return new CliError(
    EXIT.interrupted,
    `Interrupted. The run ${requestId} goes on.`,
    `Watch it: weir runs watch ${requestId}. End it: weir runs cancel ${requestId} --reason "…".`,
  );
}

function lostSight(requestId: string, error: unknown, { target }: Use): CliError {
  const { message } = explain(error, target().label);
  return couldNotRun(message, `The run goes on. Watch it: weir runs watch ${requestId}.`, error);
}
