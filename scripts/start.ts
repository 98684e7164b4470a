import { parseArgs } from 'node:util';
import { explain } from '../cli/platform/errors.ts';
import { DEFAULT_PROFILE } from '../cli/platform/profile.ts';
import { refuseAws } from '../localstack/endpoint.ts';
import { SetupError } from '../localstack/errors.ts';
import { connectConsole } from './console/connect-console.ts';
import { type RunningConsole, serveConsole } from './console/serve-console.ts';
import { DeployError } from './deploy-local.ts';
import { leaveAccountsAlone } from './start/leave-accounts-alone.ts';
import { nextSteps } from './start/next-steps.ts';
import { Phases } from './start/phases.ts';
import { bringUp, PROFILE_PATH, runDemo, type Up } from './start/run-demo.ts';
import { ended, Session } from './start/session.ts';
import { showResult } from './start/show-result.ts';

const HELP = `npm start [-- --once] [-- --json] [-- --seed <n>]

Starts LocalStack without Docker, deploys Weir to it, sends the sample usage with a tenth of it twice and out of order,
then webhooks as GitHub and Stripe send them, and compares all totals with what the files add up to. Then it stays up
until Ctrl-C, with the console at an address of this machine.

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

/** What lib/config/settings.ts calls the deployment. */
const NAME = 'weir';

const OPTIONS = {
  once: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  seed: { type: 'string', default: '1' },
  help: { type: 'boolean', default: false },
} as const;

type Options = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

async function start(options: Options, session: Session, elsewhere: boolean): Promise<number> {
  const now = Date.now();
  const phases = new Phases(process.stderr);
  const up = await bringUp(phases, now, session.started);
  const result = await runDemo(phases, up, { now, seed: Number(options.seed), sink: process.stderr });
  const told = { result, took: phases.took, ms: Date.now() - now };
  const code = showResult(told, options.json) ? 0 : 1;
  session.result = code;
  if (options.once) return code;
  const shown = await showConsole(up);
  if (options.json) process.stderr.write(`Console: ${shown.url}\n`);
  else {
    const flag = elsewhere ? ` --profile-file ${DEFAULT_PROFILE}` : '';
    const steps = nextSteps(up.profile, { now: Date.now(), profileFlag: flag, consoleUrl: shown.url });
    process.stdout.write(`\n${steps}\nWeir is up at ${up.profile.apiUrl}. Ctrl-C ends it.\n`);
  }
  try {
    return await Promise.race([session.interrupted.then(() => code), ended(up.running)]);
  } finally {
    await shown.close();
  }
}

function showConsole({ profile: { endpoint, region } }: Up): Promise<RunningConsole> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return serveConsole(
    connectConsole({ name: NAME, where: endpoint, aws: { endpoint, region, credentials } }),
  );
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
  const session = new Session(PROFILE_PATH);
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
