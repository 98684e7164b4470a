import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleRoom, type RoomBundle } from './bundle-room.ts';
import { compileContracts } from './compile-contracts.ts';
import { measureStart } from './measure-start.ts';
import { hashInputs, readStamp, writeStamp } from './stamp.ts';

const root = join(import.meta.dirname, '../..');

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
