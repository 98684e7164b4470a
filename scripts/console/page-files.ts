import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'page');
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** A file of the page by its path, as it lies on disk now: `/` is the page, all else is below `/assets/`. */
export function findPageFile(path: string): { readonly type: string; readonly body: Buffer } | undefined {
  const name = path === '/' ? 'index.html' : /^\/assets\/([a-z-]+\.(?:css|mjs|svg))$/.exec(path)?.[1];
  if (name === undefined || !readdirSync(FOLDER).includes(name)) return undefined;
  return { type: TYPES[name.split('.').at(-1)!]!, body: readFileSync(join(FOLDER, name)) };
}
