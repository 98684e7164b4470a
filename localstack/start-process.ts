import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getJson } from './endpoint.ts';
import { SetupError, tail } from './errors.ts';
import { freePort } from './ports.ts';
import { pretendedIn } from './pretended.ts';
import { processTree, sendSignal, waitUntilGone } from './process-tree.ts';
import type { Installation } from './setup.ts';
import type { RunningLocalStack, StartOptions } from './start.ts';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;
const getStatus = (port: number) => getJson<Status>(`http://127.0.0.1:${port}/_weir/status`);
const pythonFolder = join(import.meta.dirname, 'python');

/** What the plugin answers under /_weir/status. */
interface Status {
  readonly executor: string;
  readonly supervisor: number;
}

/** What a run leaves in its folder, so that no other takes the folder from under it. */
interface Mark {
  readonly supervisor: number;
  readonly port: number;
}

const markFile = (dataDir: string): string => join(dataDir, 'running.json');

async function refuseFolderInUse(dataDir: string): Promise<void> {
  let mark: Mark;
  try {
    mark = JSON.parse(readFileSync(markFile(dataDir), 'utf8')) as Mark;
  } catch {
    return;
  }
  const status = await getStatus(mark.port);
  if (status === undefined || status.supervisor !== mark.supervisor) return;
  throw new SetupError(
    `A LocalStack that uses ${dataDir} runs already, at http://localhost:${mark.port} (process ${mark.supervisor}). ` +
      `End it first, or use it with AWS_ENDPOINT_URL=http://localhost:${mark.port}.`,
  );
}

/** LocalStack's state lives as long as it runs, so what an earlier run left is removed. */
function prepareDataDir(dataDir: string, library: string): void {
  for (const old of ['var', 'etc', 'usr', 'tmp'])
    rmSync(join(dataDir, old), { recursive: true, force: true });
  mkdirSync(join(dataDir, 'var', 'lib', 'localstack'), { recursive: true });
  mkdirSync(join(dataDir, 'tmp'), { recursive: true });
  symlinkSync(library, join(dataDir, 'var', 'lib', 'localstack', 'lib'));
}

/** LocalStack keeps an index of its plug-ins; one for each version of ours, so that a change is never missed. */
function pluginCache(installation: Installation): string {
  const entryPoints = readFileSync(join(pythonFolder, 'weir_localstack-0.1.0.dist-info', 'entry_points.txt'));
  const hash = createHash('sha256').update(pythonFolder).update(entryPoints).digest('hex').slice(0, 12);
  return join(installation.directory, 'cache', hash);
}

/** Only what is named here reaches LocalStack: neither a developer's AWS settings nor a proxy for its own calls. */
function environment(installation: Installation, port: number, dataDir: string, extra: NodeJS.ProcessEnv) {
  const paths = [dirname(installation.python), dirname(process.execPath), process.env.PATH];
  return {
    PATH: paths.join(':'),
    HOME: process.env.HOME,
    LANG: process.env.LANG ?? 'C.UTF-8',
    TMPDIR: join(dataDir, 'tmp'),
    XDG_CACHE_HOME: pluginCache(installation),
    PYTHONPATH: pythonFolder,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: 'us-east-1',
    FILESYSTEM_ROOT: dataDir,
    GATEWAY_LISTEN: `127.0.0.1:${port}`,
    LOCALSTACK_HOST: `localhost:${port}`,
    HOSTNAME_FROM_LAMBDA: '127.0.0.1',
    LAMBDA_RUNTIME_EXECUTOR: 'process',
    LAMBDA_NODE: process.execPath,
    SQS_ENDPOINT_STRATEGY: 'path',
    DYNAMODB_IN_MEMORY: '1',
    DYNAMODB_HEAP_SIZE: '1g',
    // Else kinesis-local writes all of its records to a file every 5 s, and answers nobody while it does.
    KINESIS_PERSISTENCE: '0',
    DISABLE_EVENTS: '1',
    SKIP_SSL_CERT_DOWNLOAD: '1',
    DNS_ADDRESS: '0',
    OVERRIDE_IN_DOCKER: '0',
    // Enough for the line that says what was only pretended, and without one for each request.
    LS_LOG: 'warning',
    WEIR_CALLS_FILE: join(dataDir, 'calls.ndjson'),
    ...extra,
  };
}

/**
 * Starts the supervisor in a process group of its own: Ctrl-C in a terminal does not reach it. It ends LocalStack and
 * all below it when this process ends in whatever way, for then its standard input closes.
 */
function spawnSupervisor(installation: Installation, env: NodeJS.ProcessEnv, logFile: string): ChildProcess {
  const log = openSync(logFile, 'w');
  const child = spawn(installation.python, ['-m', 'weir_localstack.supervisor'], {
    env,
    cwd: dirname(logFile),
    detached: true,
    stdio: ['pipe', log, log],
  });
  closeSync(log);
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  child.stdin?.on('error', () => {});
  return child;
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

async function waitForStatus(child: ChildProcess, port: number): Promise<Status | undefined> {
  const end = Date.now() + START_LIMIT_MS;
  while (Date.now() < end && !hasEnded(child)) {
    const status = await getStatus(port);
    if (status?.supervisor !== undefined) return status;
    await sleep(50);
  }
  return undefined;
}

async function end(child: ChildProcess): Promise<void> {
  const pid = child.pid;
  // Once it has ended, its id may belong to another process.
  if (pid === undefined || hasEnded(child)) return;
  const tree = await processTree(pid);
  sendSignal(pid, 'SIGTERM');
  let left = await waitUntilGone(tree, STOP_LIMIT_MS);
  if (left.length === 0) return;
  for (const each of [-pid, ...left]) sendSignal(each, 'SIGKILL');
  left = await waitUntilGone(left, STOP_LIMIT_MS);
  if (left.length > 0)
    throw new Error(`These processes of LocalStack could not be ended: ${left.join(', ')}`);
}

async function startFailed(child: ChildProcess, logFile: string, why: string): Promise<SetupError> {
  await end(child);
  return new SetupError(
    `LocalStack did not start: ${why}. The end of its log (${logFile}):\n${tail(readFileSync(logFile, 'utf8'), 25)}\n` +
      'Try again; if it stays like this, remove the installation (weir in the user cache folder) to have it made anew.',
  );
}

/** Starts an installed LocalStack as processes of this machine. */
export async function startProcess(
  installation: Installation,
  options: StartOptions,
): Promise<RunningLocalStack> {
  const dataDir = resolve(options.dataDir);
  await refuseFolderInUse(dataDir);
  const port = await freePort(options.port);
  prepareDataDir(dataDir, installation.library);
  const logFile = join(dataDir, 'localstack.log');
  const env = environment(installation, port, dataDir, options.env ?? {});
  const child = spawnSupervisor(installation, env, logFile);
  const status = await waitForStatus(child, port);
  if (status === undefined) {
    const why = hasEnded(child) ? 'it ended' : `no answer within ${START_LIMIT_MS / 1000} s`;
    throw await startFailed(child, logFile, why);
  }
  if (status.supervisor !== child.pid)
    throw await startFailed(child, logFile, `another one answers on port ${port}`);
  if (status.executor !== 'process')
    throw await startFailed(child, logFile, `functions would run in ${status.executor}`);
  writeFileSync(markFile(dataDir), JSON.stringify({ supervisor: status.supervisor, port } satisfies Mark));
  return {
    endpoint: `http://localhost:${port}`,
    port,
    pid: child.pid,
    logFile,
    callsFile: env.WEIR_CALLS_FILE,
    pretended: async () => pretendedIn(readFileSync(logFile, 'utf8')),
    ended: new Promise((done) => child.once('exit', () => done())),
    stop: () => end(child),
  };
}
