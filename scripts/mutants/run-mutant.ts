import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { breakGuard, type Mutant } from './mutant.ts';

/** What came of a mutant: its test noticed, did not notice, or failed for a reason that proves nothing. */
export type Verdict = 'killed' | 'survived' | 'broken';

export interface Result {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
  /** The first line of what the test said, or why it proves nothing. */
  readonly why: string;
  readonly ms: number;
}

const ROOT = join(import.meta.dirname, '..', '..');
/** What mutants are made in; the rest of the project is linked to, and a mutant there would be one of the project's own. */
export const COPIED: readonly string[] = ['cli', 'lambdas', 'lib', 'test'];
const TIMEOUT_MS = 90_000;

/** One seed, so that a mutant fares the same each time; and no shrinking, as nobody debugs a mutant. */
const SET_UP = `import fc from 'fast-check';
fc.configureGlobal({ seed: 1, endOnFailure: true, includeErrorInReport: true });
`;
const CONFIG = `export default {
  test: {
    include: ['test/**/*.test.ts'], setupFiles: ['mutants.set-up.ts'],
    testTimeout: 60_000, hookTimeout: 60_000, bail: 1, maxWorkers: 2,
  },
};
`;

/** A copy of the project in which guards are broken, so that whoever works on the project meanwhile is not. */
export class Workshop {
  readonly #root = mkdtempSync(join(tmpdir(), 'weir-mutants-'));

  constructor() {
    for (const name of readdirSync(ROOT)) {
      if (name.startsWith('.') || name === 'cdk.out') continue;
      if (COPIED.includes(name)) cpSync(join(ROOT, name), join(this.#root, name), { recursive: true });
      else symlinkSync(join(ROOT, name), join(this.#root, name));
    }
    rmSync(join(this.#root, 'vitest.config.ts'), { force: true });
    writeFileSync(join(this.#root, 'vitest.config.mjs'), CONFIG);
    writeFileSync(join(this.#root, 'mutants.set-up.ts'), SET_UP);
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }

  /** Breaks one guard, runs its test, and mends it. */
  async run(mutant: Mutant): Promise<Result> {
    const started = Date.now();
    const path = join(this.#root, mutant.file);
    const source = readFileSync(path, 'utf8');
    try {
      writeFileSync(path, breakGuard(mutant, source));
      const verdict = judge(await this.#test([mutant]));
      return { mutant, ...verdict, ms: Date.now() - started };
    } catch (error) {
      return { mutant, verdict: 'broken', why: (error as Error).message, ms: Date.now() - started };
    } finally {
      writeFileSync(path, source);
    }
  }

  /** Runs the tests of these mutants with every guard in place. Says what failed, if anything did. */
  async runUnbroken(mutants: readonly Mutant[]): Promise<string | undefined> {
    const report = await this.#test(mutants);
    if (!report) return 'vitest did not report';
    const bad = report.testResults.flatMap(({ assertionResults, message }) => [
      ...(assertionResults.length === 0 ? [message] : []),
      ...assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
    ]);
    const ran = report.testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => status === 'passed'),
    );
    const missing = mutants.filter(({ test }) => !ran.some(({ fullName }) => fullName.includes(test.name)));
    const problems = [...bad, ...missing.map(({ id, test }) => `${id}: no test "${test.name}" passed`)];
    return problems.length > 0 ? problems.join('\n') : undefined;
  }

  async #test(mutants: readonly Mutant[]): Promise<Report | undefined> {
    const output = join(this.#root, 'report.json');
    rmSync(output, { force: true });
    const files = [...new Set(mutants.map(({ test }) => test.file))];
    const names = mutants.map(({ test }) => test.name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    await runNode(this.#root, [
      join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
      ...['run', '--root', this.#root, '--testNamePattern', `(${[...new Set(names)].join('|')})`],
      ...['--reporter=json', `--outputFile=${output}`, ...files],
    ]);
    return existsSync(output) ? (JSON.parse(readFileSync(output, 'utf8')) as Report) : undefined;
  }
}

/** As much of vitest's JSON report as is read here. */
interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo';
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** What `expect` throws; of a promise that should have been rejected it is a plain Error. */
const ASSERTION = /(?:AssertionError|[Ee]rror: promise resolved)[: ]([^\n]*)/;

/** Only a failed assertion kills: a mutant that does not load, or throws at random, says nothing of the test. */
function judge(report: Report | undefined): Pick<Result, 'verdict' | 'why'> {
  if (!report) return { verdict: 'broken', why: `no report within ${TIMEOUT_MS / 1000} s` };
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const failure = tests.find(({ status }) => status === 'failed')?.failureMessages[0];
  if (failure !== undefined) {
    const assertion = ASSERTION.exec(failure);
    if (assertion) return { verdict: 'killed', why: assertion[1]! };
    const error = /^Got (.*)$/m.exec(failure)?.[1] ?? failure.split('\n')[0]!;
    return { verdict: 'broken', why: `failed without an assertion: ${error}` };
  }
  if (tests.some(({ status }) => status === 'passed')) return { verdict: 'survived', why: 'its test passed' };
  const message = report.testResults.map((file) => file.message).find((text) => text !== '');
  return { verdict: 'broken', why: message?.split('\n')[0] ?? 'no test ran' };
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const quit = () => process.exit(130);

/** Runs Node to its end or for as long as it may take. How it went is in the report that it leaves. */
export function runNode(cwd: string, args: readonly string[], timeoutMs = TIMEOUT_MS): Promise<void> {
  return new Promise((resolve) => {
    // A group of its own, to be ended as one: a worker of vitest's in an endless loop would outlive vitest.
    const child = spawn(process.execPath, args, { cwd, stdio: 'ignore', detached: true });
    const end = () => child.pid !== undefined && killGroup(child.pid);
    const timer = setTimeout(end, timeoutMs);
    // A group of its own hears nothing of Ctrl-C, either.
    process.on('exit', end);
    for (const signal of SIGNALS) process.on(signal, quit);
    const done = () => {
      clearTimeout(timer);
      process.off('exit', end);
      for (const signal of SIGNALS) process.off(signal, quit);
      resolve();
    };
    child.on('error', done);
    child.on('close', done);
  });
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
