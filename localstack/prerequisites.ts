import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SetupError } from './errors.ts';
import { runCommand } from './run-command.ts';

/** The programs of this machine that LocalStack is installed with. */
export interface Prerequisites {
  /** Path of a Python, 3.13 or newer; the pins of requirements.txt were tried with 3.13. */
  readonly python: string;
  /** Home of a Java, 17 or newer. */
  readonly javaHome: string;
}

const OR_DOCKER = 'A running Docker does instead: the tools then use the image of LocalStack.';

/** Prints the executable only when it is new enough and can make virtual environments. */
const PROBE = 'import sys, ensurepip, venv; assert sys.version_info >= (3, 13); print(sys.executable)';

function pyenvPythons(env: NodeJS.ProcessEnv): string[] {
  const versions = join(env.PYENV_ROOT ?? join(env.HOME ?? homedir(), '.pyenv'), 'versions');
  try {
    return readdirSync(versions)
      .filter((version) => /^3\.1[3-9]\.\d+$/.test(version))
      .sort()
      .map((version) => join(versions, version, 'bin', 'python3'));
  } catch {
    return [];
  }
}

/** A Python that is new enough for LocalStack 4.14, looked for by the usual names and under pyenv. */
async function findPython(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const named = env.WEIR_PYTHON
    ? [env.WEIR_PYTHON]
    : ['python3.13', 'python3.14', 'python3', ...pyenvPythons(env)];
  for (const candidate of named) {
    const { status, output } = await runCommand(candidate, ['-c', PROBE], { env });
    if (status === 0) return output.trim().split('\n').at(-1) ?? candidate;
  }
  throw new SetupError(
    `LocalStack needs Python 3.13 or newer (tried with 3.13) with the venv module; none of these is one: ${named.join(', ')}. ` +
      `Install it (apt install python3.13 python3.13-venv, brew install python@3.13, pyenv install 3.13), ` +
      `or name one in WEIR_PYTHON.`,
  );
}

/** The home of the Java on the PATH (or of JAVA_HOME), which DynamoDB Local runs on. */
export async function findJavaHome(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const java = env.JAVA_HOME ? join(env.JAVA_HOME, 'bin', 'java') : 'java';
  const { status, output } = await runCommand(java, ['-XshowSettings:properties', '-version'], { env });
  const home = /^\s*java\.home = (.+)$/m.exec(output)?.[1];
  const version = /^\s*java\.specification\.version = (.+)$/m.exec(output)?.[1];
  if (status === 0 && home !== undefined && Number(version) >= 17) return home;
  const found = version === undefined ? `${java} does not run` : `${java} is Java ${version}`;
  throw new SetupError(
    `DynamoDB Local needs Java 17 or newer, and ${found}. Install it (apt install openjdk-17-jre-headless, ` +
      `brew install openjdk) or set JAVA_HOME.`,
  );
}

async function requireMaven(env: NodeJS.ProcessEnv): Promise<void> {
  const { status } = await runCommand('mvn', ['--version'], { env });
  if (status === 0) return;
  throw new SetupError(
    `DynamoDB Local is installed with Maven, and mvn does not run. ` +
      `Install it (apt install maven, brew install maven).`,
  );
}

/** Finds all that an installation needs, or throws one `SetupError` that names everything that is missing. */
export async function findPrerequisites(env: NodeJS.ProcessEnv = process.env): Promise<Prerequisites> {
  const [python, javaHome, maven] = await Promise.allSettled([
    findPython(env),
    findJavaHome(env),
    requireMaven(env),
  ]);
  if (python.status === 'fulfilled' && javaHome.status === 'fulfilled' && maven.status === 'fulfilled') {
    return { python: python.value, javaHome: javaHome.value };
  }
  const failed = [python, javaHome, maven].filter((each) => each.status === 'rejected');
  throw new SetupError([...failed.map(({ reason }) => (reason as Error).message), OR_DOCKER].join('\n'));
}

/** Whether a Docker daemon answers: a client alone is not enough. */
export async function dockerRuns(env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  return (await runCommand('docker', ['info'], { env })).status === 0;
}
