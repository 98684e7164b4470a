import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startLocalStack } from '../localstack/start.ts';
import { mutants } from './mutants/list.ts';
import type { Mutant } from './mutants/mutant.ts';
import { type Result, Workshop } from './mutants/run-mutant.ts';

const HELP = `node scripts/launch.mjs scripts/mutants.ts [--only NAME] [--emulator] [--list] [--report FILE]

Breaks the guards of Weir's promises, one at a time, in a copy of the project, and runs the test that must notice.
docs/testing.md has the list.

  --only NAME   the mutants whose name or promise contains NAME, e.g. conflict or P4
  --emulator    those whose test runs on LocalStack too; starts one, unless WEIR_TEST_ENDPOINT names one
  --list        the names, and nothing is run
  --report FILE leaves the counts there, as vitest does
  --help        this text

Exit status: 0 every test noticed, 1 one did not or proved nothing, 2 wrong usage, 3 the tests fail by themselves.
`;

/** Two at a time: a test run mostly waits for itself to start. */
const WORKERS = 2;

interface Options {
  readonly only: string;
  readonly emulator: boolean;
  readonly list: boolean;
  readonly report: string | undefined;
}

function readOptions(): Options | 'help' | undefined {
  try {
    const { values } = parseArgs({
      options: {
        ...{ only: { type: 'string' }, emulator: { type: 'boolean' } },
        ...{ list: { type: 'boolean' }, report: { type: 'string' }, help: { type: 'boolean' } },
      },
    });
    if (values.help) return 'help';
    const { only = '', emulator = false, list = false, report } = values;
    return { only, emulator, list, report };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    return undefined;
  }
}

async function runAll(chosen: readonly Mutant[], report: string | undefined): Promise<number> {
  const workshops = Array.from({ length: WORKERS }, () => new Workshop());
  try {
    const failing = await workshops[0]!.runUnbroken(chosen);
    if (failing !== undefined) {
      process.stderr.write(`With every guard in place, tests fail; mend them first:\n${failing}\n`);
      return 3;
    }
    const waiting = [...chosen];
    const results: Result[] = [];
    const work = async (workshop: Workshop) => {
      for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
        const result = await workshop.run(mutant);
        results.push(result);
        show(result);
      }
    };
    await Promise.all(workshops.map(work));
    const killed = results.filter(({ verdict }) => verdict === 'killed').length;
    const failed = results.length - killed;
    if (report) writeFileSync(report, JSON.stringify({ numPassedTests: killed, numFailedTests: failed }));
    process.stdout.write(`${killed} passed, ${failed} failed\n`);
    return failed === 0 ? 0 : 1;
  } finally {
    for (const workshop of workshops) workshop.remove();
  }
}

function show({ mutant, verdict, why, ms }: Result): void {
  const { id, promise, guard, file, test } = mutant;
  const time = `${(ms / 1000).toFixed(1)} s`;
  if (verdict === 'killed') {
    process.stdout.write(
      `✓ ${promise}  ${guard} (${id}, ${time})\n    killed by ${test.file}: ${test.name}\n`,
    );
  } else {
    const said = verdict === 'survived' ? 'SURVIVED' : 'PROVED NOTHING';
    process.stdout.write(
      `✗ ${promise}  ${guard} (${id}, ${time})\n    ${said} in ${file}: ${test.name}: ${why}\n`,
    );
  }
}

/** Runs with an endpoint for the tests that need LocalStack. */
async function withEmulator(run: () => Promise<number>): Promise<number> {
  if (process.env.WEIR_TEST_ENDPOINT) return run();
  const dataDir = mkdtempSync(join(tmpdir(), 'weir-mutants-localstack-'));
  const running = await startLocalStack({ dataDir, report: (line) => process.stderr.write(`${line}\n`) });
  try {
    process.env.WEIR_TEST_ENDPOINT = running.endpoint;
    return await run();
  } finally {
    await running.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) return 2;
  if (options === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const named = mutants.filter(({ id, promise }) => `${id} ${promise}`.includes(options.only));
  const chosen = named.filter((mutant) => options.list || options.emulator || !mutant.emulator);
  if (options.list) {
    for (const { id, promise, guard } of chosen)
      process.stdout.write(`${id.padEnd(30)} ${promise.padEnd(8)} ${guard}\n`);
    return 0;
  }
  if (chosen.length === 0) {
    process.stderr.write(
      `No mutant to run contains "${options.only}"; see --list${named.length > 0 ? ', and --emulator' : ''}.\n`,
    );
    return 2;
  }
  const run = () => runAll(chosen, options.report);
  return chosen.some(({ emulator }) => emulator) ? withEmulator(run) : run();
}

process.exitCode = await main();
