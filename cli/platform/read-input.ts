import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { couldNotRun, wrongUsage } from './errors.ts';
import type { Host } from './host.ts';

/** All of a file, or of standard input where it is `-`. @throws CliError where it can't be read */
export async function readInput(file: string, host: Pick<Host, 'cwd' | 'stdin'>): Promise<Buffer> {
  if (file !== '-') return readFile(file, host);
  const chunks: Buffer[] = [];
  for await (const chunk of host.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** @throws CliError where it can't be read */
export function readFile(file: string, { cwd }: Pick<Host, 'cwd'>): Buffer {
  try {
    return readFileSync(resolve(cwd, file));
  } catch (error) {
    throw couldNotRun(`${file} can't be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** @throws CliError where it is none */
export function parseJson(bytes: Buffer, file: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw wrongUsage(`${file} is not JSON.`);
  }
}
