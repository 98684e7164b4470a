import type { Attribute, Item } from '../../lambdas/domain/head-item.ts';
import { ENTRY_BYTES } from '../../lambdas/domain/identity.ts';
import { decodePart } from '../../lambdas/domain/keys.ts';
import type { MemoryTable } from './memory-state.ts';

/** Attribute values as plain JavaScript; numbers stay text, bytes become hex. */
export function plainValue(value: Attribute): unknown {
  if ('S' in value) return value.S;
  if ('N' in value) return value.N;
  if ('B' in value) return Buffer.from(value.B).toString('hex');
  return Object.fromEntries(Object.entries(value.M).map(([name, inner]) => [name, plainValue(inner)]));
}

/** A bucket as it is stored: its head, and all entries that its chain of pages and its open page hold. */
export interface StoredBucket {
  readonly head: Record<string, unknown>;
  /** Twelve-byte identities in hex, with repetitions if there are any. */
  readonly ids: readonly string[];
}

/** Reads every bucket of a type straight from the table's items. Keys are `<subject> <window>`. */
export function readBuckets(table: MemoryTable, type: string): Map<string, StoredBucket> {
  const buckets = new Map<string, StoredBucket>();
  for (const name of table.versions.keys()) {
    const [pk, sk] = splitName(name);
    if (!sk.startsWith(`B#${type}#`)) continue;
    const item = table.read(name)!;
    const subject = decodePart(pk.split('#')[1]!);
    buckets.set(`${subject} ${sk.split('#')[2]}`, { head: plainItem(item), ids: idsOf(item, pk, table) });
  }
  return buckets;
}

function splitName(name: string): [pk: string, sk: string] {
  const at = name.lastIndexOf(' ');
  return [name.slice(0, at), name.slice(at + 1)];
}

function plainItem(item: Item): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)]));
}

function idsOf(head: Item, pk: string, table: MemoryTable): string[] {
  const ids = entriesIn(head);
  let next = plainItem(head).tail as string | undefined;
  while (next !== undefined) {
    const page = table.read(`${pk} ${next}`);
    if (!page) throw new Error(`the chain names ${next}, which is not there`);
    ids.push(...entriesIn(page));
    next = plainItem(page).prev as string | undefined;
  }
  return ids;
}

function entriesIn(item: Item): string[] {
  const bytes = item.ids && 'B' in item.ids ? Buffer.from(item.ids.B) : Buffer.alloc(0);
  const ids: string[] = [];
  for (let at = 0; at < bytes.length; at += ENTRY_BYTES) ids.push(bytes.toString('hex', at, at + 12));
  return ids;
}
