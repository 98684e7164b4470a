import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../scripts/build.ts';
import { startDynamoDb } from './emulate/dynamodb-local.ts';
import { createProgress } from './report/progress.ts';
import { resultsPage } from './report/results-page.ts';
import { heading, targetTable } from './report/tables.ts';
import { type BenchContext, isMet, type Section, type SectionResult } from './section.ts';

const RESULTS = join(import.meta.dirname, 'results.md');

const HELP = `npm run bench [-- --only <part>] [--quick] [--json] [--write]

Counts and prices every billed operation of the real code, measures its CPU against a floor of its own run, its bundles,
cold starts and memory, and puts the usual ways to count beside it. bench/README.md says how to read it.

  --only <part>  one of: billed, history, freshness, baselines, crashes, webhooks, recovery, cpu, functions; may be given more than once
  --quick        fewer deliveries and runs: to see that it works; targets are not judged
  --json         print the results as JSON
  --write        also write them to bench/results.md, where parts that were not run stay as they are
  --help         this text

Exit status: 0 all targets met, 1 one missed, 2 wrong usage, 3 could not run.
`;

const OPTIONS = {
  only: { type: 'string', multiple: true },
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** In the order in which they run. Each is loaded when it is due: some need what the build makes. */
const PARTS: Readonly<Record<string, () => Promise<Section>>> = {
  cpu: async () => (await import('./sections/cpu.ts')).cpu,
  functions: async () => (await import('./sections/functions.ts')).functions,
  billed: async () => (await import('./sections/billed.ts')).billed,
  history: async () => (await import('./sections/history.ts')).history,
  freshness: async () => (await import('./sections/freshness.ts')).freshness,
  baselines: async () => (await import('./sections/baselines.ts')).baselines,
  crashes: async () => (await import('./sections/crashes.ts')).crashes,
  webhooks: async () => (await import('./sections/webhooks.ts')).webhooks,
  recovery: async () => (await import('./sections/recovery.ts')).recovery,
};

interface Chosen {
  readonly only: readonly string[];
  readonly quick: boolean;
  readonly json: boolean;
  readonly write: boolean;
}

/** What was asked for, or the exit status where that is all there is to do. */
function readArguments(args: string[]): Chosen | number {
  try {
    const { values } = parseArgs({ args, options: OPTIONS });
    if (values.help) {
      process.stdout.write(HELP);
      return 0;
    }
    const only = values.only ?? Object.keys(PARTS);
    const unknown = only.filter((part) => !Object.hasOwn(PARTS, part));
    if (unknown.length > 0) throw new Error(`There is no part "${unknown.join('", "')}".`);
    if (values.write && values.quick)
      throw new Error('What --quick gives is not to be quoted, so it is not written.');
    return { only, quick: values.quick, json: values.json, write: values.write };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
}

async function run(chosen: Chosen): Promise<readonly SectionResult[]> {
  const progress = createProgress(process.stderr);
  progress.line('Building …');
  await build({ quiet: true });
  const dynamo = await startDynamoDb((line) => progress.line(line));
  try {
    const context: BenchContext = {
      quick: chosen.quick,
      dynamo,
      progress: progress.show,
      stateCosts: new Map(),
    };
    const results: SectionResult[] = [];
    for (const [name, load] of Object.entries(PARTS)) {
      if (!chosen.only.includes(name)) continue;
      const result = await (await load())(context);
      progress.clear();
      if (!chosen.json) process.stdout.write(`${heading(result.title)}${result.text}\n`);
      results.push(result);
    }
    return results;
  } finally {
    progress.clear();
    await dynamo.stop();
  }
}

async function main(args: string[]): Promise<number> {
  const chosen = readArguments(args);
  if (typeof chosen === 'number') return chosen;
  let results: readonly SectionResult[];
  try {
    results = await run(chosen);
  } catch (error) {
    process.stderr.write(`The bench could not run: ${(error as Error).stack}\n`);
    return 3;
  }
  const targets = results.flatMap((result) => result.targets);
  const missed = chosen.quick ? [] : targets.filter((target) => !isMet(target));
  if (chosen.json) {
    const judged = targets.map((target) => ({ ...target, met: isMet(target) }));
    process.stdout.write(`${JSON.stringify({ quick: chosen.quick, targets: judged, results }, null, 2)}\n`);
  } else if (!chosen.quick && targets.length > 0)
    process.stdout.write(`${heading('Targets')}${targetTable(targets)}\n`);
  if (chosen.write) {
    const written = existsSync(RESULTS) ? readFileSync(RESULTS, 'utf8') : '';
    writeFileSync(RESULTS, resultsPage(results, written));
  }
  return missed.length > 0 ? 1 : 0;
}

// A signal would end this process without its 'exit' event, which ends DynamoDB Local.
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => process.exit(status));

process.exitCode = await main(process.argv.slice(2));
