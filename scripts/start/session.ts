import { rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { seconds } from '../../cli/platform/output.ts';
import { SetupError } from '../../localstack/errors.ts';
import type { RunningLocalStack } from '../../localstack/start.ts';

/** Ends what was started, once, however the run comes to its end. */
export class Session {
  readonly #interrupted = Promise.withResolvers<'interrupted'>();
  #running: RunningLocalStack | undefined;
  #signals = 0;
  readonly #profilePath: string;
  /** What the run came to, once it is known: ending it after that is no failure. */
  result: number | undefined;

  /** @param profilePath Where the profile of what is started is written; it goes with it. */
  constructor(profilePath: string) {
    this.#profilePath = profilePath;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => this.#interrupt());
  }

  get interrupted(): Promise<'interrupted'> {
    return this.#interrupted.promise;
  }

  get wasInterrupted(): boolean {
    return this.#signals > 0;
  }

  /** The second time ends this process at once; LocalStack's own supervisor then ends the rest. */
  #interrupt(): void {
    this.#signals += 1;
    if (this.#signals > 1) process.exit(130);
    process.stderr.write('\nEnding what was started … (Ctrl-C again to force)\n');
    this.#interrupted.resolve('interrupted');
  }

  readonly started = (running: RunningLocalStack): void => {
    this.#running = running;
  };

  async end(): Promise<void> {
    if (this.#running === undefined) return;
    const started = Date.now();
    await this.#running.stop();
    // What is gone should not be found; a LocalStack that was there before stays.
    if (this.#running.pid !== undefined) rmSync(this.#profilePath, { force: true });
    process.stderr.write(`Ended in ${seconds(Date.now() - started)}.\n`);
  }
}

const LOOK_MS = 2_000;

/** Waits for LocalStack to end by itself, which it should not; and keeps this process up meanwhile. */
export async function ended({ pid, logFile }: RunningLocalStack): Promise<never> {
  for (;;) {
    await wait(LOOK_MS);
    if (pid !== undefined && !isAlive(pid))
      throw new SetupError(`LocalStack has ended by itself; ${logFile} may say why.`);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
