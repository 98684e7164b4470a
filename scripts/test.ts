import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { seconds } from '../cli/platform/output.ts';
import { StatusLine } from '../cli/platform/status-line.ts';
import { root, runStep, type Step, type StepResult, steps } from './test/steps.ts';

const HELP = `npm test [-- --only fast|emulator]

Runs everything: build, format and lint, types, structure rules, unused code, unit, property and infrastructure tests,
and the tests on two LocalStacks, which it starts on free ports, deploys to once, and ends. A failing step does not keep the
others from running. The last line is "N passed, N failed".

  --only fast       all that needs no LocalStack
  --only emulator   build, and the tests on LocalStack
  --help            this text

Exit status: 0 all passed, 1 some failed, 2 wrong usage.
`;

function readOnly(): Step['group'] | 'all' | 'help' | undefined {
  try {
    const { values } = parseArgs({ options: { only: { type: 'string' }, help: { type: 'boolean' } } });
    if (values.help) return 'help';
    if (values.only === undefined) return 'all';
    if (values.only === 'fast' || values.only === 'emulator') return values.only;
    throw new Error(`--only takes fast or emulator, not "${values.only}"`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    return undefined;
  }
}

async function runAll(
  chosen: readonly Step[],
): Promise<{ readonly passed: number; readonly failed: number }> {
  const total = { passed: 0, failed: 0 };
  for (const step of chosen) {
    const status = new StatusLine(process.stderr, step.name);
    const result = await runStep(step, (line) => status.show(line));
    status.end(result.failed === 0, summaryOf(step, result));
    const log = keep(step, result);
    if (result.failed > 0) process.stdout.write(`${essence(result.output)}\n(all of it: ${log})\n\n`);
    total.passed += result.passed;
    total.failed += result.failed;
  }
  return total;
}

function summaryOf({ report }: Step, { passed, failed, skipped, ms }: StepResult): string {
  const counts = report
    ? [`${passed} passed`, failed && `${failed} failed`, skipped && `${skipped} skipped`]
    : [];
  return [...counts.filter(Boolean), seconds(ms)].join(', ');
}

/** Of what vitest printed only what went wrong; of the others all. */
function essence(output: string): string {
  const from = output.search(/^.*⎯ (Failed|Unhandled|Startup) /m);
  return output.slice(Math.max(0, from)).trimEnd();
}

/** What a step printed, for whoever wants to read all of it. @returns where */
function keep({ name }: Step, { output }: StepResult): string {
  const folder = join(root, '.weir', 'test');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name.replace(/[^a-z]+/g, '-')}.log`);
  writeFileSync(path, output);
  return relative(root, path);
}

async function main(): Promise<number> {
  const only = readOnly();
  if (only === undefined) return 2;
  if (only === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const chosen = steps.filter(({ group, name }) => only === 'all' || group === only || name === 'build');
  const { passed, failed } = await runAll(chosen);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
