import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { couldNotRun, refused } from '../platform/errors.ts';
import type { BundleFile } from './part.ts';
import { packTar } from './tar.ts';

const PACKED = /\.(tar\.gz|tgz)$/;

/**
 * Writes a bundle as a folder, or packed where its name ends so. Only whoever writes it may read it. Nothing is written over.
 * @throws CliError where it is there, or can't be written
 */
export function writeBundle(cwd: string, out: string, files: readonly BundleFile[], now: number): void {
  const path = resolve(cwd, out);
  try {
    if (PACKED.test(out)) {
      const folder = out.split(/[\\/]/).at(-1)!.replace(PACKED, '');
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
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw refused(`${out} is there already.`, 'Choose another name with --out.');
    throw couldNotRun(`${out} can't be written (${code}).`, 'Choose another place with --out.', error);
  }
}
