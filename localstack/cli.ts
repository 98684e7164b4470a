import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { getJson } from './endpoint.ts';
import { SetupError, tail } from './errors.ts';
import { unexpectedlyPretended } from './pretended.ts';
import { sendSignal, waitUntilGone } from './process-tree.ts';
import { ensureInstalled } from './setup.ts';
import { startLocalStack } from './start.ts';

/** Exit codes: 0 done, 1 nothing is running, 2 wrong usage, 3 could not run. */
const EXIT = { done: 0, notRunning: 1, usage: 2, failed: 3 } as const;

const dataDir = resolve(import.meta.dirname, '..', '.weir', 'localstack');
const runFile = join(dataDir, 'run.json');

/** What `start` writes down, for the other commands. */
interface Run {
  readonly launcher: number;
  readonly supervisor: number | undefined;
  readonly endpoint: string;
  readonly logFile: string;
}

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const readRun = (): Run | undefined => {
  try {
    return JSON.parse(readFileSync(runFile, 'utf8')) as Run;
  } catch {
    return undefined;
  }
};

/** The run that was written down, if it is this LocalStack that answers: ids of processes are used again. */
async function currentRun(): Promise<Run | undefined> {
  const run = readRun();
  if (run === undefined) return undefined;
  if (run.supervisor === undefined) {
    return (await getJson(`${run.endpoint}/_localstack/health`)) === undefined ? undefined : run;
  }
  const status = await getJson<{ supervisor?: number }>(`${run.endpoint}/_weir/status`);
  return status?.supervisor === run.supervisor ? run : undefined;
}

/** Waits for a signal that ends this process, or for the end of LocalStack; says which it was. */
async function untilEnd(ended: Promise<void>): Promise<'signal' | 'ended'> {
  // A timer keeps the process: nothing else of it is waiting for anything.
  const timer = setInterval(() => {}, 60_000);
  try {
    const signals = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => once(process, signal));
    return await Promise.race([
      ...signals.map((each) => each.then(() => 'signal' as const)),
      ended.then(() => 'ended' as const),
    ]);
  } finally {
    clearInterval(timer);
  }
}

async function start(options: { port?: string; faults?: boolean }): Promise<number> {
  if (await currentRun())
    throw new SetupError('LocalStack runs already: npm run localstack -- stop ends it.');
  const running = await startLocalStack({
    dataDir,
    report: say,
    ...(options.port === undefined ? {} : { port: Number(options.port) }),
    env: options.faults ? { WEIR_FAULTS: '1' } : {},
  });
  const { endpoint, pid: supervisor, logFile } = running;
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(
    runFile,
    JSON.stringify({ launcher: process.pid, supervisor, endpoint, logFile } satisfies Run),
  );
  say(`AWS_ENDPOINT_URL=${endpoint}  (Ctrl-C ends it)`);
  if ((await untilEnd(running.ended)) === 'ended') {
    throw new SetupError(
      `LocalStack ended of itself. The end of its log:\n${tail(readFileSync(logFile, 'utf8'), 25)}`,
    );
  }
  say('Ending LocalStack …');
  const unexpected = unexpectedlyPretended(await running.pretended());
  if (unexpected.length > 0) say(`LocalStack only pretended to make: ${unexpected.join(', ')}`);
  await running.stop();
  rmSync(runFile, { force: true });
  return EXIT.done;
}

async function stop(): Promise<number> {
  const run = await currentRun();
  if (run === undefined) {
    say('LocalStack is not running.');
    return EXIT.notRunning;
  }
  sendSignal(run.launcher, 'SIGTERM');
  const left = await waitUntilGone([run.launcher, run.supervisor ?? run.launcher], 20_000);
  if (left.length > 0) throw new SetupError(`LocalStack does not end (processes ${left.join(', ')}).`);
  return EXIT.done;
}

async function status(): Promise<number> {
  const run = await currentRun();
  process.stdout.write(`${JSON.stringify(run ? { running: true, ...run } : { running: false })}\n`);
  return run ? EXIT.done : EXIT.notRunning;
}

function logs(options: { lines: string }): number {
  try {
    process.stdout.write(
      `${tail(readFileSync(join(dataDir, 'localstack.log'), 'utf8'), Number(options.lines))}\n`,
    );
    return EXIT.done;
  } catch {
    say('There is no log: LocalStack has not been started here.');
    return EXIT.notRunning;
  }
}

async function setup(): Promise<number> {
  const { directory } = await ensureInstalled(say);
  say(`LocalStack is installed in ${directory}`);
  return EXIT.done;
}

function commands(run: (work: Promise<number> | number) => Promise<void>): Command {
  const program = new Command('localstack')
    .description('Installs and runs the LocalStack that Weir is tested on.')
    .addHelpText('after', '\nExit codes: 0 done; 1 not running; 2 wrong usage; 3 could not run.')
    .exitOverride();
  program
    .command('setup')
    .description('install it into the user cache, once')
    .action(() => run(setup()));
  program
    .command('start')
    .description('start it, and keep it running until Ctrl-C or stop')
    .option('--port <port>', 'listen on this port (default: WEIR_PORT, else any free one)')
    .option('--faults', 'let tests inject faults under /_weir/faults')
    .action((options) => run(start(options)));
  program
    .command('stop')
    .description('end it and all its processes')
    .action(() => run(stop()));
  program
    .command('status')
    .description('say as JSON whether it runs, and where')
    .action(() => run(status()));
  program
    .command('logs')
    .description('show the end of its log')
    .option('-n, --lines <count>', 'how many lines', '100')
    .action((options) => run(logs(options)));
  return program;
}

try {
  const program = commands(async (work) => {
    process.exitCode = await work;
  });
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  else {
    say(error instanceof SetupError ? error.message : String((error as Error).stack));
    process.exitCode = EXIT.failed;
  }
}
