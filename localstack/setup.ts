import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { arrangeDynamoDb } from './arrange-dynamodb.ts';
import { SetupError, tail } from './errors.ts';
import { findJavaHome, findPrerequisites } from './prerequisites.ts';
import { type CommandOptions, runCommand } from './run-command.ts';

/** Takes one line of progress for a person to read. */
export type Report = (line: string) => void;

/** An installed LocalStack. */
export interface Installation {
  readonly directory: string;
  /** The Python of its virtual environment. */
  readonly python: string;
  /** The folder that LocalStack takes its own packages (DynamoDB Local, kinesis-local, Java) from. */
  readonly library: string;
}

const here = import.meta.dirname;
/** All that decides what is installed: a changed pin gives a new folder, and the old one stays whole. */
const PINS = [
  'requirements.txt',
  'dynamodb-local/pom.xml',
  'kinesis-local/package.json',
  'kinesis-local/package-lock.json',
  'arrange-dynamodb.ts',
];
const KINESIS_VERSION = '0.5.2';
/** LocalStack looks for a Java of its own for each of these versions; any new enough one serves. */
const JAVA_VERSIONS = ['11', '17', '21'];

const cacheRoot = (env: NodeJS.ProcessEnv): string =>
  join(env.XDG_CACHE_HOME || join(env.HOME ?? homedir(), '.cache'), 'weir');

function installationAt(directory: string): Installation {
  return { directory, python: join(directory, 'venv', 'bin', 'python'), library: join(directory, 'lib') };
}

function targetDirectory(env: NodeJS.ProcessEnv): string {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}`);
  for (const pin of PINS) hash.update(readFileSync(join(here, pin)));
  return join(cacheRoot(env), `localstack-${hash.digest('hex').slice(0, 12)}`);
}

/** Runs one step of the installation; a failure becomes a `SetupError` with the end of the program's output. */
async function step(what: string, hint: string, program: string, args: string[], options: CommandOptions) {
  const { status, output } = await runCommand(program, args, options);
  if (status === 0) return;
  if (/No space left on device|ENOSPC/.test(output)) {
    throw new SetupError(
      `No space left on the disk for ${what}: about 800 MB are needed. Free some and try again.`,
    );
  }
  throw new SetupError(`${what} could not be installed (${program} failed):\n${tail(output, 12)}\n${hint}`);
}

async function timed(report: Report, what: string, work: Promise<void>): Promise<void> {
  const started = Date.now();
  await work;
  report(`  ${what} installed in ${((Date.now() - started) / 1000).toFixed(0)} s`);
}

const network = (how: string) =>
  `If the registry did not answer: check the network or proxy (${how}), then try again.`;

async function installPython(directory: string, python: string, env: NodeJS.ProcessEnv): Promise<void> {
  const venv = join(directory, 'venv');
  await step('The Python environment', '', python, ['-m', 'venv', venv], { env });
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--disable-pip-version-check'];
  const requirements = join(here, 'requirements.txt');
  await step(
    'LocalStack',
    network('pip config list'),
    join(venv, 'bin', 'python'),
    [...pip, '-r', requirements],
    { env },
  );
}

async function installDynamoDb(directory: string, env: NodeJS.ProcessEnv): Promise<void> {
  const folder = join(directory, 'lib', 'dynamodb-local', '2');
  mkdirSync(folder, { recursive: true });
  const pom = join(here, 'dynamodb-local', 'pom.xml');
  const output = `-DoutputDirectory=${join(folder, 'DynamoDBLocal_lib')}`;
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', output];
  await step('DynamoDB Local', network('~/.m2/settings.xml'), 'mvn', ['-q', '-B', '-f', pom, ...goal], {
    env,
  });
  arrangeDynamoDb(folder);
}

async function installKinesis(directory: string, env: NodeJS.ProcessEnv): Promise<void> {
  const folder = join(directory, 'lib', 'kinesis-local', KINESIS_VERSION);
  cpSync(join(here, 'kinesis-local'), folder, { recursive: true });
  const args = ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await step('kinesis-local', network('npm ping'), 'npm', args, { env, cwd: folder });
}

/** Java is linked and not copied, so a link may break when the system's Java is replaced. */
function linkJava(library: string, javaHome: string): void {
  for (const version of JAVA_VERSIONS) {
    const link = join(
      library,
      'java',
      version,
      ...(process.platform === 'darwin' ? ['Contents', 'Home'] : []),
    );
    mkdirSync(dirname(link), { recursive: true });
    rmSync(link, { force: true });
    symlinkSync(javaHome, link);
  }
}

function javaIsLinked(library: string): boolean {
  const inside = process.platform === 'darwin' ? ['Contents', 'Home'] : [];
  return JAVA_VERSIONS.every((version) =>
    existsSync(join(library, 'java', version, ...inside, 'bin', 'java')),
  );
}

async function installInto(directory: string, report: Report, env: NodeJS.ProcessEnv): Promise<void> {
  const { python, javaHome } = await findPrerequisites(env);
  report(`Installing LocalStack (once, about a minute) with ${python} …`);
  await Promise.all([
    timed(report, 'LocalStack', installPython(directory, python, env)),
    timed(report, 'DynamoDB Local', installDynamoDb(directory, env)),
    timed(report, 'kinesis-local', installKinesis(directory, env)),
  ]);
  linkJava(join(directory, 'lib'), javaHome);
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** The process that holds the lock, or none: a lock whose owner died without removing it does not count. */
function lockOwner(lock: string): number | undefined {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    return Number.isInteger(pid) && pid > 0 && isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function tryLock(lock: string): boolean {
  if (existsSync(lock) && lockOwner(lock) === undefined) rmSync(lock, { force: true });
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes what interrupted installations of the same target left. Only called with the lock held. */
function sweep(target: string): void {
  for (const name of readdirSync(dirname(target))) {
    const path = join(dirname(target), name);
    if (path.startsWith(`${target}.installing-`)) rmSync(path, { recursive: true, force: true });
  }
}

/** Installs beside the target and renames, so that an interrupted installation is never taken for a whole one. */
async function installOnce(target: string, report: Report, env: NodeJS.ProcessEnv): Promise<void> {
  sweep(target);
  const started = Date.now();
  const temporary = mkdtempSync(`${target}.installing-`);
  try {
    await installInto(temporary, report, env);
    // Another may have been faster, when both took the lock of a process that had died.
    if (!isWhole(target)) {
      rmSync(target, { recursive: true, force: true });
      renameSync(temporary, target);
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  sweep(target);
  report(`LocalStack installed in ${((Date.now() - started) / 1000).toFixed(0)} s`);
}

/** The virtual environment's Python is a link to the system's: it breaks when that one is removed. */
const isWhole = (target: string): boolean => existsSync(installationAt(target).python);

async function installLocked(target: string, report: Report, env: NodeJS.ProcessEnv): Promise<void> {
  const lock = `${target}.lock`;
  let told = false;
  while (!isWhole(target)) {
    if (tryLock(lock)) {
      try {
        if (!isWhole(target)) await installOnce(target, report, env);
      } finally {
        rmSync(lock, { force: true });
      }
      return;
    }
    if (!told)
      report(`Waiting for another installation of LocalStack (process ${lockOwner(lock) ?? 'unknown'}) …`);
    told = true;
    await sleep(300);
  }
}

/**
 * Installs LocalStack, DynamoDB Local and kinesis-local into the user's cache, once for each set of pinned versions.
 * Two calls at once, also from two processes, install once.
 *
 * @throws SetupError when something that it needs is missing or a registry does not answer
 */
export async function ensureInstalled(
  report: Report,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Installation> {
  const target = targetDirectory(env);
  try {
    mkdirSync(dirname(target), { recursive: true });
    await installLocked(target, report, env);
    const installation = installationAt(target);
    if (!javaIsLinked(installation.library)) linkJava(installation.library, await findJavaHome(env));
    return installation;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC')
      throw new SetupError(`No space left on the disk of ${dirname(target)}. Free some and try again.`);
    if (code === 'EACCES' || code === 'EROFS') {
      throw new SetupError(
        `${dirname(target)} cannot be written (${code}). Set XDG_CACHE_HOME to a folder that can.`,
      );
    }
    throw error;
  }
}
