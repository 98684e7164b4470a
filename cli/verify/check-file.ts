import type { Use } from '../platform/context.ts';

export async function checkFile(file: string, _objects: string | undefined, _use: Use): Promise<number> {
  throw new Error(file);
}
