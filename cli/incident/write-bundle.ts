import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { couldNotRun, refused, wrongUsage } from '../platform/errors.ts';
import type { BundleFile } from './part.ts';
import { packTar } from './tar.ts';

const PACKED = /\.(tar\.gz|tgz)$/;

/**
 * Says what speaks against a place before minutes are spent on what would then not be kept.
 * @throws CliError
 */
export function checkPlace(cwd: string, out: string): void {
  const path = resolve(cwd, out);
  if (existsSync(path)) throw taken(out);
  if (!existsSync(dirname(path)))
    throw couldNotRun(`There is no folder ${dirname(out)}.`, 'Make it, or choose another place with --out.');
  if (PACKED.test(out) && !/^[\x21-\x7e]{1,40}$/.test(basename(out)))
    throw wrongUsage('A packed bundle has a name of at most 40 ASCII characters without spaces.');
}

const taken = (out: string) => refused(`${out} is there already.`, 'Choose another name with --out.');

/**
 * Writes a bundle as a folder, or packed where its name ends so. Only whoever writes it may read it. Nothing is written over.
 * @throws CliError where it is there, or can't be written
 */
export function writeBundle(cwd: string, out: string, files: readonly BundleFile[], now: number): void {
  const path = resolve(cwd, out);
  try {
    if (PACKED.test(out)) {
      const folder = basename(out).replace(PACKED, '');
      const packed = packTar(
        files.map((file) => ({ ...file, path: `${folder}/${file.path}` })),
        now,
      );
      writeFileSync(path, gzipSync(packed), { mode: 0o600, flag: 'wx' });
      return;
    }
    mkdirSync(path, { mode: 0o700 });
    for (const file of files) {
      mkdirSync(dirname(join(path, file.path)), { recursive: true, mode: 0o700 });
      writeFileSync(join(path, file.path), file.text, { mode: 0o600 });
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw taken(out);
    throw couldNotRun(
      `${out} can't be written (${code ?? message}).`,
      'Choose another place with --out.',
      error,
    );
  }
}
