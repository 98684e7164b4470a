import { hash } from 'node:crypto';
import { OWN_TENANT } from '../probe.ts';
import { isForgotten, isSilent, type Minute, passOver, type Seen, see } from './last-seen.ts';

/** Producers are shared among this many items, so that none outgrows what an item may hold. */
export const SLOTS = 16;
/** Most producers of one slot: some 300 kB of the 400 that an item may have. Who is away longest goes first. */
export const MAX_OF_SLOT = 2_500;

/** All of one slot that were seen up to a minute, inclusive; what came later is not in it yet. */
export interface Slot {
  readonly upTo: Minute;
  readonly seen: readonly Seen[];
}

type Names = Pick<Seen, 'tenant' | 'producer'>;

const nameOf = ({ tenant, producer }: Names): string => JSON.stringify([tenant, producer]);

export function slotOf(names: Names): number {
  return Number.parseInt(hash('sha256', nameOf(names)).slice(0, 8), 16) % SLOTS;
}

/** Who was seen in which minutes; the minutes ascend. */
export type Sightings = readonly (readonly [Minute, readonly Names[]])[];

/**
 * A slot after more minutes. Those that it has already are passed over, so doing it twice changes nothing. The probe has an alarm
 * of its own.
 */
export function advanceSlot(slot: Slot, number: number, sightings: Sightings): Slot {
  const seen = new Map(slot.seen.map((each) => [nameOf(each), each]));
  let { upTo } = slot;
  for (const [minute, names] of sightings) {
    if (minute <= upTo) continue;
    upTo = minute;
    for (const each of names) {
      if (each.tenant === OWN_TENANT || slotOf(each) !== number) continue;
      const name = nameOf(each);
      seen.set(name, see(seen.get(name), { tenant: each.tenant, producer: each.producer }, minute));
    }
  }
  const left = [...seen.values()].filter((each) => !isForgotten(each, upTo));
  return { upTo, seen: left.sort(latestFirst).slice(0, MAX_OF_SLOT) };
}

function latestFirst(a: Seen, b: Seen): number {
  return b.last - a.last || (nameOf(a) < nameOf(b) ? -1 : 1);
}

/** A slot up to before `from`, where what was between can not be known any more. */
export function skipTo(slot: Slot, from: Minute): Slot {
  const lost = from - 1 - slot.upTo;
  if (lost <= 0) return slot;
  return { upTo: from - 1, seen: slot.seen.map((each) => passOver(each, lost)) };
}

/**
 * A slot in which its last `minutes` have not been for some: they may not send, so they can't be missed, and when they may
 * again they have as long to come back as before.
 */
export function excuse(slot: Slot, names: ReadonlySet<string>, minutes: number): Slot {
  const seen = slot.seen.map((each) =>
    names.has(nameOf(each)) ? passOver(each, Math.min(minutes, slot.upTo - each.last)) : each,
  );
  return { ...slot, seen };
}

/** Those who have stopped, the longest away first; not those who may not send. */
export function silentOf(slots: readonly Slot[], excused: ReadonlySet<string> = new Set()): readonly Seen[] {
  return slots
    .flatMap(({ upTo, seen }) => seen.filter((each) => isSilent(each, upTo) && !excused.has(nameOf(each))))
    .sort((a, b) => a.last - b.last);
}

/** A slot without some: an operator has ended them. */
export function forget(slot: Slot, ended: ReadonlySet<string>): Slot {
  return { ...slot, seen: slot.seen.filter((each) => !ended.has(nameOf(each))) };
}

export function namesOf(all: readonly Names[]): ReadonlySet<string> {
  return new Set(all.map(nameOf));
}

/** As an item holds it: short, as there may be thousands. */
export function encodeSlot({ upTo, seen }: Slot): string {
  const rows = seen.map((each) => [
    ...[each.tenant, each.producer, each.first, each.last, each.gap, each.gapBefore, each.span],
  ]);
  return JSON.stringify({ upTo, seen: rows });
}

/** Undoes {@link encodeSlot}. Undefined for what is none: it is learnt anew. */
export function decodeSlot(text: string): Slot | undefined {
  try {
    const { upTo, seen } = JSON.parse(text) as { upTo: number; seen: unknown[] };
    if (!Number.isSafeInteger(upTo) || !Array.isArray(seen)) return undefined;
    return { upTo, seen: seen.flatMap((row) => decodeSeen(row)) };
  } catch {
    return undefined;
  }
}

function decodeSeen(row: unknown): Seen[] {
  if (!Array.isArray(row)) return [];
  const [tenant, producer, ...numbers] = row as unknown[];
  if (typeof tenant !== 'string' || typeof producer !== 'string') return [];
  if (numbers.length !== 5 || !numbers.every((each) => Number.isSafeInteger(each))) return [];
  const [first, last, gap, gapBefore, span] = numbers as [number, number, number, number, number];
  return [{ tenant, producer, first, last, gap, gapBefore, span }];
}
