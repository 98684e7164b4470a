import type { Clock } from '../domain/ports.ts';
import type { Runs } from '../domain/recovery/ports.ts';
import { RunCancelledError, RunRefusedError } from '../domain/recovery/run.ts';

/** One attempt of a run. */
export interface Attempt {
  readonly requestId: string;
  readonly attempt: number;
}

/**
 * Stops a worker of an attempt that an operator has cancelled, or that another one has followed: of two attempts, only
 * the last one may write.
 *
 * @throws RunCancelledError, RunRefusedError
 */
export async function assertRunning(
  runs: Pick<Runs, 'find'>,
  { requestId, attempt }: Attempt,
): Promise<void> {
  const run = await runs.find(requestId);
  if (!run) throw new RunRefusedError(`there is no run ${requestId}`);
  if (run.status !== 'running' || run.attempt !== attempt)
    throw new RunCancelledError(
      `attempt ${attempt} of ${requestId} is not running: attempt ${run.attempt} is ${run.status}`,
    );
}

/** How often a worker that writes looks whether its attempt goes on, in ms. */
const LOOK_MS = 3_000;

/** {@link assertRunning} every few seconds of those in which it is asked, the first time at once. */
export class RunningWatch {
  readonly #runs: Pick<Runs, 'find'>;
  readonly #clock: Clock;
  readonly #attempt: Attempt;
  #at = Number.NEGATIVE_INFINITY;

  constructor({ runs, clock }: { readonly runs: Pick<Runs, 'find'>; readonly clock: Clock }, of: Attempt) {
    this.#runs = runs;
    this.#clock = clock;
    this.#attempt = of;
  }

  async look(): Promise<void> {
    if (this.#clock.now() - this.#at < LOOK_MS) return;
    // Before the look, so that of many who write at once one looks.
    this.#at = this.#clock.now();
    await assertRunning(this.#runs, this.#attempt);
  }
}
