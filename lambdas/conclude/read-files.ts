import type { RunFiles } from '../domain/recovery/ports.ts';

/** Files read at once. */
const AT_ONCE = 32;

export async function readJson<T>(
  files: Pick<RunFiles, 'get'>,
  requestId: string,
  name: string,
): Promise<T | undefined> {
  const bytes = await files.get(requestId, name);
  return bytes && (JSON.parse(bytes.toString('utf8')) as T);
}

/** Reads files in their order, some at once. @throws Error where one is not there */
export async function* readAll<T>(
  files: Pick<RunFiles, 'get'>,
  requestId: string,
  names: readonly string[],
): AsyncGenerator<T> {
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const some = names.slice(at, at + AT_ONCE);
    const read = await Promise.all(some.map((name) => readJson<T>(files, requestId, name)));
    for (const [index, value] of read.entries()) {
      if (value === undefined) throw new Error(`the run's file ${some[index]} is gone`);
      yield value;
    }
  }
}
