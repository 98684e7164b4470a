import { parseArgs } from 'node:util';
import { type BuildResult, build } from './build/build-all.ts';
import { ContractMistakes } from './build/mistakes.ts';

export { build };

const HELP = `npm run build [-- --force] [--verbose] [--json]

Checks and compiles contracts/ into build/contracts/, and bundles each room under lambdas/ into
build/lambda/. Does nothing where nothing has changed since the last build.

  --force     build and measure afresh
  --verbose   also show what the bundles are made of
  --json      print the result, or the mistakes found, as JSON
  --help      this text

Exit status: 0 built, 1 a mistake in the contracts or the code, 2 wrong usage.
`;

const OPTIONS = {
  help: { type: 'boolean' },
  json: { type: 'boolean' },
  verbose: { type: 'boolean' },
  force: { type: 'boolean' },
} as const;

async function main(args: string[]): Promise<number> {
  let values: ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];
  try {
    ({ values } = parseArgs({ args, options: OPTIONS }));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  try {
    const result = await build({
      report: (line) => process.stderr.write(`${line} …\n`),
      quiet: values.json ?? false,
      measure: true,
      force: values.force ?? false,
    });
    process.stdout.write(
      values.json ? `${JSON.stringify(result, null, 2)}\n` : describe(result, values.verbose ?? false),
    );
    return 0;
  } catch (error) {
    const mistakes = error instanceof ContractMistakes ? error.mistakes : undefined;
    if (values.json)
      process.stdout.write(`${JSON.stringify({ error: (error as Error).message, mistakes }, null, 2)}\n`);
    else process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
}

function describe({ unchanged, types, rooms }: BuildResult, verbose: boolean): string {
  const kb = (bytes: number) => (bytes / 1024).toFixed(0);
  const rows = rooms.map(({ room, bytes, gzipBytes, startMs }) => [
    room,
    kb(bytes),
    kb(gzipBytes),
    startMs!.toFixed(0),
  ]);
  const lines = table([['room', 'bundle KB', 'gzip KB', 'start ms'], ...rows]);
  const inputs = rooms.flatMap((room) => [
    `\n${room.room}`,
    ...table(room.inputs.slice(0, 12).map((input) => [`  ${input.package}`, kb(input.bytes)])),
  ]);
  return `${[
    `Contracts: ${types.join(', ')}`,
    ...lines,
    ...(verbose ? inputs : []),
    unchanged ? 'Nothing has changed since the last build (--force builds and measures again).' : 'Built.',
  ].join('\n')}\n`;
}

/** Columns two spaces apart: the first to the left, the others, numbers, to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  '),
  );
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
