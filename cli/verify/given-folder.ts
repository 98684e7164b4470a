import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { GivenFile, GivenFiles } from '../../lambdas/domain/recovery/check-objects.ts';
import { couldNotRun } from '../platform/errors.ts';

/** No archive object or proof file comes near it: whoever made this one up should not fill the memory. */
const MAX_TEXT = 1024 ** 3;

/** Compressed files of a folder, by name: proofs, or a copy of the archive. Each is read when it is asked for, and not kept. */
export class GivenFolder implements GivenFiles {
  /** Names that were asked for and are not there. */
  readonly absent = new Set<string>();
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get(name: string): GivenFile | undefined {
    const path = resolve(this.#folder, name);
    // Names are what a certificate says, and whose certificate is it?
    const bytes = relative(this.#folder, path).startsWith('..') ? undefined : read(path);
    if (bytes) return { bytes, text: inflate(bytes) };
    this.absent.add(name);
    return undefined;
  }
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw couldNotRun(`${path} can't be read (${code}).`);
  }
}

/** What is no gzip has another hash than what Weir writes, and that is what will be said of it. */
function inflate(bytes: Buffer): string {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_TEXT }).toString('utf8');
  } catch {
    return '';
  }
}
