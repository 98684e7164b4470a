import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeIfChanged } from './files.ts';

/** All that decides what a build makes; the lockfile stands for the packages. */
const INPUTS = [
  'contracts',
  'lambdas',
  'scripts/build',
  'scripts/build.ts',
  'package-lock.json',
  'tsconfig.json',
];
const OUTPUTS = ['build/contracts', 'build/lambda'];
const STAMP = 'build/stamp.json';

/** What the last build was made from, what it made, and what it found. */
export interface Stamp<T> {
  readonly inputs: string;
  readonly outputs: string;
  readonly result: T;
}

/** SHA-256, in hex, over all inputs of the build. */
export function hashInputs(root: string): Promise<string> {
  return hashFiles(root, INPUTS);
}

/** The last build's result, if it was made from these inputs and all that it made is still as it was. */
export async function readStamp<T>(root: string, inputs: string): Promise<T | undefined> {
  const text = await readFile(join(root, STAMP), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const stamp = JSON.parse(text) as Stamp<T>;
    if (stamp.inputs !== inputs || stamp.outputs !== (await hashFiles(root, OUTPUTS))) return undefined;
    return stamp.result;
  } catch {
    return undefined;
  }
}

export async function writeStamp<T>(root: string, inputs: string, result: T): Promise<void> {
  const stamp: Stamp<T> = { inputs, outputs: await hashFiles(root, OUTPUTS), result };
  await writeIfChanged(join(root, STAMP), JSON.stringify(stamp, null, 2));
}

async function hashFiles(root: string, paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of await filesUnder(root, path)) {
      hash.update(`${file}\0`).update(
        createHash('sha256')
          .update(await readFile(join(root, file)))
          .digest(),
      );
    }
  }
  return hash.digest('hex');
}

async function filesUnder(root: string, path: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, path), { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTDIR') return undefined;
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  if (!entries) return [path];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}
