import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleRoom, type RoomBundle } from './build/bundle-room.ts';
import { compileContracts } from './build/compile-contracts.ts';
import { measureStart } from './build/measure-start.ts';
import { ContractMistakes, type Mistake } from './build/mistakes.ts';
import { hashInputs, readStamp, writeStamp } from './build/stamp.ts';

export { ContractMistakes, type Mistake };

const root = join(import.meta.dirname, '..');

export interface BuildOptions {
  /** Told, in one line each, what is being done. @default - nobody */
  readonly report?: (line: string) => void;
  /** Report nothing. @default false */
  readonly quiet?: boolean;
  /** Also measure how long each bundle takes to start. @default false */
  readonly measure?: boolean;
  /** Build even if nothing has changed. @default false */
  readonly force?: boolean;
}

export interface BuiltRoom extends RoomBundle {
  /** Import of the bundle in a fresh Node on this machine: median of three, in ms. Only if it was measured. */
  readonly startMs?: number;
}

export interface BuildResult {
  /** Whether the last build was still good. */
  readonly unchanged: boolean;
  /** SHA-256, in hex, of all that contracts and schemas say. */
  readonly contractsHash: string;
  readonly types: readonly string[];
  readonly rooms: readonly BuiltRoom[];
}

type Built = Omit<BuildResult, 'unchanged'>;

/**
 * Compiles the contracts into `build/contracts/` and bundles each folder under `lambdas/` that has a handler into
 * `build/lambda/<room>/`. Does nothing where the last build was made from the same inputs and is still there.
 * @throws ContractMistakes naming file and line of each; esbuild's BuildFailure where a room can't be bundled.
 */
export async function build(options: BuildOptions = {}): Promise<BuildResult> {
  const report = options.quiet || !options.report ? () => {} : options.report;
  const inputs = await hashInputs(root);
  const last = options.force ? undefined : await readStamp<Built>(root, inputs);
  if (last && (!options.measure || last.rooms.every(({ startMs }) => startMs !== undefined))) {
    return { unchanged: true, ...last };
  }
  const built = last ?? (await buildAll(report));
  const result = options.measure ? { ...built, rooms: await measureAll(built.rooms, report) } : built;
  await writeStamp<Built>(root, inputs, result);
  return { unchanged: last !== undefined, ...result };
}

async function buildAll(report: (line: string) => void): Promise<Built> {
  report('Compiling contracts');
  const { contracts, hash } = await compileContracts(
    join(root, 'contracts'),
    join(root, 'build', 'contracts'),
  );
  const names = await roomNames();
  report(`Bundling ${names.join(', ')}`);
  const rooms = await Promise.all(names.map((room) => bundleRoom(root, room)));
  await removeOthers(names);
  return { contractsHash: hash, types: contracts.map(({ type }) => type), rooms };
}

/** One after the other: side by side they would slow each other down. */
async function measureAll(rooms: readonly BuiltRoom[], report: (line: string) => void): Promise<BuiltRoom[]> {
  const measured: BuiltRoom[] = [];
  for (const room of rooms) {
    report(`Measuring the start of ${room.room}`);
    measured.push({ ...room, startMs: await measureStart(root, room.room) });
  }
  return measured;
}

async function roomNames(): Promise<readonly string[]> {
  const names = await readdir(join(root, 'lambdas'));
  return names.filter((name) => existsSync(join(root, 'lambdas', name, 'handler.ts'))).sort();
}

/** A bundle whose room is gone must not be deployed again. */
async function removeOthers(rooms: readonly string[]): Promise<void> {
  const folder = join(root, 'build', 'lambda');
  const stale = (await readdir(folder).catch(() => [])).filter((name) => !rooms.includes(name));
  await Promise.all(stale.map((name) => rm(join(folder, name), { recursive: true })));
}

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
