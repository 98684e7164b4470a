import type { RunFiles } from '../domain/recovery/ports.ts';

export async function readJson<T>(files: RunFiles, requestId: string, name: string): Promise<T | undefined> {
  const bytes = await files.get(requestId, name);
  return bytes && (JSON.parse(bytes.toString()) as T);
}

export function writeJson(files: RunFiles, requestId: string, name: string, value: unknown): Promise<void> {
  return files.put(requestId, name, Buffer.from(JSON.stringify(value)));
}

/** Writes the value unless there is one, and returns the one that is there: what every repetition goes by. */
export async function settle<T>(files: RunFiles, requestId: string, name: string, value: T): Promise<T> {
  if (await files.putNew(requestId, name, Buffer.from(JSON.stringify(value)))) return value;
  return (await readJson<T>(files, requestId, name))!;
}
