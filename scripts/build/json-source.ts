import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Mistake } from './mistakes.ts';

/** Where in a JSON value: names of members and indexes of items, from the root. */
export type JsonPath = readonly (string | number)[];

/** A JSON file that remembers where its values stand. */
export interface JsonSource {
  readonly file: string;
  readonly text: string;
  readonly value: unknown;
  /** A mistake at the place, or at the nearest place around it that exists. */
  mistake(at: JsonPath | string, message: string): Mistake;
}

/** Reads a file as strict JSON. What is wrong with it goes to `mistakes`, and nothing is returned then. */
export async function readJson(path: string, mistakes: Mistake[]): Promise<JsonSource | undefined> {
  const file = shownPath(path);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    mistakes.push({ file, line: 1, message: `can't be read: ${(error as Error).message}` });
    return undefined;
  }
  return parseJson(file, text, mistakes);
}

/** As {@link readJson}, of a text. */
export function parseJson(file: string, text: string, mistakes: Mistake[]): JsonSource | undefined {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const lineAt = lineFinder(text);
  const before = mistakes.length;
  for (const { error, offset } of errors.slice(0, 1)) {
    mistakes.push({ file, line: lineAt(offset), message: `is no JSON: ${printParseErrorCode(error)}` });
  }
  if (root && errors.length === 0) {
    for (const { offset, name } of duplicateNames(root)) {
      mistakes.push({ file, line: lineAt(offset), message: `"${name}" stands twice in one object` });
    }
  }
  if (!root || mistakes.length > before) return undefined;
  return {
    file,
    text,
    // Not jsonc-parser's own value, which would let a "__proto__" reach the prototype.
    value: JSON.parse(text),
    mistake: (at, message) => ({
      file,
      line: lineAt(nearestOffset(root, typeof at === 'string' ? pathOf(at) : at)),
      message,
    }),
  };
}

/** Path from the working directory with forward slashes, the same on every system. */
export function shownPath(path: string): string {
  return relative(process.cwd(), path).replaceAll('\\', '/');
}

/** The names and indexes of a JSON Pointer (RFC 6901). All are text: a tree is searched by either. */
export function pathOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function nearestOffset(root: Node, path: JsonPath): number {
  let node = root;
  for (const step of path) {
    const next = findNodeAtLocation(node, [node.type === 'array' ? Number(step) : String(step)]);
    if (!next) break;
    node = next;
  }
  // A member begins where its name does; it may be lines above its value.
  return node.parent?.type === 'property' ? node.parent.offset : node.offset;
}

function* duplicateNames(node: Node): Generator<{ offset: number; name: string }> {
  const seen = new Set<string>();
  for (const child of node.children ?? []) {
    const [key, value] = child.type === 'property' ? (child.children ?? []) : [undefined, child];
    if (key) {
      if (seen.has(key.value)) yield { offset: key.offset, name: key.value };
      seen.add(key.value);
    }
    if (value) yield* duplicateNames(value);
  }
}

function lineFinder(text: string): (offset: number) => number {
  return (offset) => text.slice(0, offset).split('\n').length;
}
