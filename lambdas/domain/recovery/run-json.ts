import type { RunFiles } from './ports.ts';
import { RunRefusedError } from './run.ts';

/** A run's file as the JSON that it holds; undefined where it is not there. */
export async function readJson<T>(
  files: Pick<RunFiles, 'get'>,
  requestId: string,
  name: string,
): Promise<T | undefined> {
  const bytes = await files.get(requestId, name);
  return bytes && (JSON.parse(bytes.toString()) as T);
}

/** The same of a file without which there is nothing to do. @throws RunRefusedError where it is not there */
export async function requireJson<T>(
  files: Pick<RunFiles, 'get'>,
  requestId: string,
  name: string,
): Promise<T> {
  const value = await readJson<T>(files, requestId, name);
  if (value === undefined)
    throw new RunRefusedError(
      `the file ${name} of run ${requestId} is gone (runs' files expire): start the work as a new run`,
    );
  return value;
}

export function writeJson(
  files: Pick<RunFiles, 'put'>,
  requestId: string,
  name: string,
  value: unknown,
): Promise<void> {
  return files.put(requestId, name, Buffer.from(JSON.stringify(value)));
}

/** Writes the value unless there is one, and returns the one that is there: what every repetition goes by. */
export async function settle<T>(
  files: Pick<RunFiles, 'get' | 'putNew'>,
  requestId: string,
  name: string,
  value: T,
): Promise<T> {
  if (await files.putNew(requestId, name, Buffer.from(JSON.stringify(value)))) return value;
  return (await readJson<T>(files, requestId, name))!;
}
