import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** One step of `npm test`. */
export interface Step {
  readonly name: string;
  readonly group: 'fast' | 'emulator';
  /** A program of node_modules/.bin, or `node`, and its arguments. */
  readonly command: readonly [program: string, ...args: string[]];
  /** Where vitest, or what counts as it does, leaves its report; without one the step is one test, passed or failed as a whole. */
  readonly report?: string;
}

/** How many tests passed and failed, and what was printed. */
export interface StepResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly output: string;
  readonly ms: number;
}

export const root = join(import.meta.dirname, '..', '..');
const REPORTS = join(root, '.weir', 'test');

export const steps: readonly Step[] = [
  // First: the types of compiled contracts are what the other steps check against.
  { name: 'build', group: 'fast', command: ['node', 'scripts/build.ts'] },
  {
    name: 'format and lint',
    group: 'fast',
    command: ['biome', 'ci', `--colors=${process.stdout.isTTY ? 'force' : 'off'}`, '.'],
  },
  { name: 'types', group: 'fast', command: ['tsc', '-p', '.', '--noEmit'] },
  { name: "types of the console's page", group: 'fast', command: ['tsc', '-p', 'scripts/console/page'] },
  {
    name: 'structure',
    group: 'fast',
    command: ['depcruise', '--config', '.dependency-cruiser.cjs', ...folders()],
  },
  { name: 'unused code', group: 'fast', command: ['knip'] },
  vitest('unit, property and infrastructure', 'fast'),
  vitest('console in a browser', 'browser'),
  {
    name: 'guards broken on purpose',
    group: 'fast',
    command: ['node', 'scripts/mutants.ts', '--report', join(REPORTS, 'mutants.json')],
    report: join(REPORTS, 'mutants.json'),
  },
  vitest('contract and emulator', 'emulator'),
];

function folders(): string[] {
  return ['bin', 'lib', 'lambdas', 'cli', 'scripts', 'localstack', 'samples', 'test', 'bench'];
}

function vitest(name: string, project: 'fast' | 'browser' | 'emulator'): Step {
  const report = join(REPORTS, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const group = project === 'emulator' ? 'emulator' : 'fast';
  return { name, group, command: ['vitest', 'run', '--project', project, ...reporters], report };
}

/** Runs a step to its end. `onLine` gets what it prints, as it comes. Nothing it does makes this throw. */
export async function runStep(step: Step, onLine: (line: string) => void): Promise<StepResult> {
  if (step.report) rmSync(step.report, { force: true });
  const started = Date.now();
  const { status, output } = await run(step.command, onLine);
  const ms = Date.now() - started;
  if (!step.report) return { ...asOne(status === 0), output, ms };
  const counts = readReport(step.report);
  // A run that failed without a failed test (a file that can't be loaded, a set-up that broke) is a failure too.
  const lost =
    counts === undefined || counts.passed + counts.failed === 0 || (status !== 0 && counts.failed === 0);
  const { passed = 0, failed = 0, skipped = 0 } = counts ?? {};
  return { passed, failed: lost ? failed + 1 : failed, skipped, output, ms };
}

function asOne(good: boolean) {
  return { passed: good ? 1 : 0, failed: good ? 0 : 1, skipped: 0 };
}

function run(
  [program, ...args]: Step['command'],
  onLine: (line: string) => void,
): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve) => {
    // The launcher has put Node 24 and node_modules/.bin first in PATH.
    const { FORCE_COLOR: _, ...inherited } = process.env;
    const color = process.stdout.isTTY && !process.env.NO_COLOR ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };
    const env = { ...inherited, ...color, CI: '1' };
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
      const line = chunk.toString().trimEnd().split('\n').at(-1);
      if (line) onLine(line);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => resolve({ status: null, output: `${program}: ${error.message}` }));
    child.on('close', (status) => resolve({ status, output }));
  });
}

/** Vitest's own counts, or undefined where there is no report. */
export function readReport(path: string): { passed: number; failed: number; skipped: number } | undefined {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as Record<string, number>;
    const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = report;
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  } catch {
    return undefined;
  }
}
