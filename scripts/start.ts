import { rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { explain } from '../cli/platform/errors.ts';
import { seconds } from '../cli/platform/output.ts';
import { DEFAULT_PROFILE } from '../cli/platform/profile.ts';
import { refuseAws } from '../localstack/endpoint.ts';
import { SetupError } from '../localstack/errors.ts';
import type { RunningLocalStack } from '../localstack/start.ts';
import { DeployError } from './deploy-local.ts';
import { leaveAccountsAlone } from './start/leave-accounts-alone.ts';
import { nextSteps } from './start/next-steps.ts';
import { Phases } from './start/phases.ts';
import { bringUp, PROFILE_PATH, runDemo } from './start/run-demo.ts';
import { showResult } from './start/show-result.ts';

const HELP = `npm start [-- --once] [-- --json] [-- --seed <n>]

Starts LocalStack without Docker, deploys Weir to it, sends the sample usage with a tenth of it twice and out of order,
then webhooks as GitHub and Stripe send them, and compares all totals with what the files add up to. Then it stays up
until Ctrl-C.

  --once       stop right after
  --json       the result as JSON on standard output
  --seed <n>   which events are sent twice, and in which order (default 1)
  --help       this text

Environment:
  WEIR_PORT          port for LocalStack (default 4566, or any free one)
  AWS_ENDPOINT_URL   use the LocalStack that runs there; AWS itself is refused
  WEIR_DEBUG=1       show where a failure came from

Exit status: 0 all totals agree, 1 some differ, 2 wrong usage, 3 could not run, 130 interrupted.
`;

const OPTIONS = {
  once: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  seed: { type: 'string', default: '1' },
  help: { type: 'boolean', default: false },
} as const;

type Options = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

/** Ends what was started, once, however the run comes to its end. */
class Session {
  readonly #interrupted = Promise.withResolvers<'interrupted'>();
  #running: RunningLocalStack | undefined;
  #signals = 0;
  /** What the run came to, once it is known: ending it after that is no failure. */
  result: number | undefined;

  constructor() {
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
    if (this.#running.pid !== undefined) rmSync(PROFILE_PATH, { force: true });
    process.stderr.write(`Ended in ${seconds(Date.now() - started)}.\n`);
  }
}

async function start(options: Options, session: Session, elsewhere: boolean): Promise<number> {
  const now = Date.now();
  const phases = new Phases(process.stderr);
  const up = await bringUp(phases, now, session.started);
  const result = await runDemo(phases, up, { now, seed: Number(options.seed), sink: process.stderr });
  const told = { result, took: phases.took, ms: Date.now() - now };
  const code = showResult(told, options.json) ? 0 : 1;
  session.result = code;
  if (options.once) return code;
  if (!options.json) {
    const flag = elsewhere ? ` --profile-file ${DEFAULT_PROFILE}` : '';
    process.stdout.write(
      `\n${nextSteps(up.profile, Date.now(), flag)}\nWeir is up at ${up.profile.apiUrl}. Ctrl-C ends it.\n`,
    );
  }
  return Promise.race([session.interrupted.then(() => code), ended(up.running)]);
}

const LOOK_MS = 2_000;

/** Waits for LocalStack to end by itself, which it should not; and keeps this process up meanwhile. */
async function ended({ pid, logFile }: RunningLocalStack): Promise<never> {
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

/** A message, never a stack trace; what to do stands in it. */
function tell(error: unknown): void {
  const known = error instanceof SetupError || error instanceof DeployError;
  process.stderr.write(`✗ ${known ? error.message : explain(error, 'LocalStack').message}\n`);
  if (process.env.WEIR_DEBUG) console.error(error);
}

function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    if (!/^\d{1,9}$/.test(values.seed)) throw new Error(`--seed takes a whole number, not "${values.seed}"`);
    return values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    return undefined;
  }
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) return 2;
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const elsewhere = [
    'AWS_PROFILE',
    'AWS_ACCESS_KEY_ID',
    'AWS_ENDPOINT_URL',
    'WEIR_API_URL',
    'WEIR_API_KEY',
  ].some((name) => process.env[name]);
  leaveAccountsAlone();
  const session = new Session();
  try {
    if (process.env.AWS_ENDPOINT_URL) refuseAws(process.env.AWS_ENDPOINT_URL);
    const outcome = await Promise.race([start(options, session, elsewhere), session.interrupted]);
    return outcome === 'interrupted' ? (session.result ?? 130) : outcome;
  } catch (error) {
    // What fails because everything is being ended is no news.
    if (session.wasInterrupted) return 130;
    tell(error);
    return 3;
  } finally {
    await session.end();
  }
}

process.exit(await main());
