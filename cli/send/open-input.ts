import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { CliError, couldNotRun, wrongUsage } from '../platform/errors.ts';
import type { Host } from '../platform/host.ts';

/** What is read from. */
export interface Input {
  readonly bytes: Readable;
  /** Bytes in all, 0 where that is not known. */
  readonly size: number;
  /** Bytes read so far. */
  readonly read: () => number;
}

/** Opens a file, or standard input for `-`. @throws CliError where it can't be read */
export function openInput(file: string, host: Pick<Host, 'cwd' | 'stdin'>): Input {
  if (file === '-') return { bytes: host.stdin, size: 0, read: () => 0 };
  const path = resolve(host.cwd, file);
  try {
    const stats = statSync(path);
    if (stats.isDirectory())
      throw wrongUsage(`${file} is a directory.`, 'Name an NDJSON file, or - for standard input.');
    const bytes = createReadStream(path, { highWaterMark: 64 * 1024 });
    return { bytes, size: stats.isFile() ? stats.size : 0, read: () => bytes.bytesRead };
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw couldNotRun(`${file} can't be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
