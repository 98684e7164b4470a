import { applyPatch as applyOperations, type Operation } from 'rfc6902';
import { hasTellingNumbers } from '../read-json.ts';
import { canonicalJson } from './canonical-json.ts';
import type { PatchOperation } from './request.ts';

/** A patched value as JSON text, or why the patch does not fit. What is said quotes nothing of the value. */
export type Patched = { readonly text: string } | { readonly problem: string };

const { rawJSON, parse } = JSON as unknown as {
  rawJSON(text: string): unknown;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
};

/** The library passes over these names, or would have to be trusted with them. No event needs them mended. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);
/** The value patched is a member of this, so that the pointer to the whole of it is a pointer like any other. */
const ROOT = 'value';
const INDEX = /^(?:0|[1-9]\d{0,9})$/;

/**
 * Applies a JSON Patch (RFC 6902) to a JSON text, all of it or none. Each step may only touch what the value itself
 * holds, never what it inherits. Numbers that it does not touch keep their text, and are compared (`test`) by value.
 * @param text Valid JSON.
 */
export function applyPatch(text: string, patch: readonly PatchOperation[]): Patched {
  const plain = { [ROOT]: JSON.parse(text) as unknown };
  if (holdsForbidden(plain) || patch.some(({ value }) => holdsForbidden(value)))
    return { problem: 'a value with a member "__proto__" is not patched' };
  // The same with a symbol for each number's text: it moves and is copied as a number would be.
  const exact = hasTellingNumbers(text) ? { [ROOT]: parse(text, withSymbols) } : undefined;
  for (const [step, operation] of patch.entries()) {
    const problem =
      applyStep(plain, operation) ?? (exact && operation.op !== 'test' && applyStep(exact, operation));
    if (problem)
      return { problem: `operation ${step} (${operation.op} ${quote(operation.path)}): ${problem}` };
  }
  const patched = JSON.stringify((exact ?? plain)[ROOT], asWritten) as string | undefined;
  return patched === undefined ? { problem: 'nothing would be left of the event' } : { text: patched };
}

function withSymbols(_key: string, value: unknown, { source }: { source?: string }): unknown {
  return typeof value === 'number' && source !== undefined ? Symbol(source) : value;
}

function asWritten(_key: string, value: unknown): unknown {
  return typeof value === 'symbol' ? rawJSON(value.description!) : value;
}

/** Says what is wrong, if something is; otherwise it has been applied. */
function applyStep(document: object, operation: PatchOperation): string | undefined {
  const path = tokensOf(operation.path);
  const from = operation.from === undefined ? undefined : tokensOf(operation.from);
  if (!path || (operation.from !== undefined && !from))
    return 'it holds no JSON Pointer that may be used here';
  const needsFrom = operation.op === 'move' || operation.op === 'copy';
  if (needsFrom && (!from || !exists(document, from))) return 'there is nothing at its "from"';
  const isNew = needsFrom || operation.op === 'add';
  if (isNew ? !hasRoom(document, path) : !exists(document, path)) return 'there is nothing at its "path"';
  // Not by the library: it makes a message of both values, which may fail on what they hold.
  if (operation.op === 'test') {
    const isSame = canonicalJson(find(document, path)) === canonicalJson(operation.value);
    return isSame && operation.value !== undefined ? undefined : 'the value there is another';
  }
  const rooted = {
    ...operation,
    path: `/${ROOT}${operation.path}`,
    ...(operation.from !== undefined && { from: `/${ROOT}${operation.from}` }),
  };
  const [error] = applyOperations(document, [rooted as Operation]);
  return error ? 'it can not be applied' : undefined;
}

/** Tokens of a pointer (RFC 6901) from the document on; undefined where it is none, or has a forbidden name in it. */
function tokensOf(pointer: string): readonly string[] | undefined {
  if (pointer !== '' && !pointer.startsWith('/')) return undefined;
  if (/~(?![01])/.test(pointer)) return undefined;
  const tokens = pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  return tokens.some((token) => FORBIDDEN.has(token)) ? undefined : [ROOT, ...tokens];
}

const NOTHING = Symbol('nothing');

function exists(document: object, tokens: readonly string[]): boolean {
  return find(document, tokens) !== NOTHING;
}

/** Whether something can be put there: into an object, or into an array at one of its places or at its end. */
function hasRoom(document: object, tokens: readonly string[]): boolean {
  const parent = find(document, tokens.slice(0, -1));
  const last = tokens.at(-1)!;
  if (Array.isArray(parent)) return last === '-' || (INDEX.test(last) && Number(last) <= parent.length);
  return typeof parent === 'object' && parent !== null;
}

/** Only through members of its own: what is inherited belongs to all objects. */
function find(document: unknown, tokens: readonly string[]): unknown {
  let value = document;
  for (const token of tokens) {
    if (typeof value !== 'object' || value === null) return NOTHING;
    if (Array.isArray(value) && !INDEX.test(token)) return NOTHING;
    if (!Object.hasOwn(value, token)) return NOTHING;
    value = (value as Readonly<Record<string, unknown>>)[token];
  }
  return value;
}

/** `__proto__` as a member: legal JSON, and what copies objects in the ordinary way loses it. */
function holdsForbidden(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Object.hasOwn(value, '__proto__')) return true;
  return Object.values(value).some(holdsForbidden);
}

function quote(pointer: string): string {
  return JSON.stringify(pointer.slice(0, 100));
}
