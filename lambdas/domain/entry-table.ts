import { ENTRY_BYTES } from './identity.ts';

const WORDS = ENTRY_BYTES / 4;

/**
 * A set of 16-byte entries found by their first twelve bytes: open addressing over one typed array, 16 bytes a slot
 * at a load of at most one half. A Map of strings takes several times the memory and makes garbage for each look-up.
 */
export class EntryTable {
  #slots: Uint32Array;
  #used: Uint8Array;
  #mask: number;
  #size = 0;

  constructor(expected = 0) {
    const capacity = 2 ** Math.max(4, Math.ceil(Math.log2(Math.max(1, expected * 2))));
    this.#slots = new Uint32Array(capacity * WORDS);
    this.#used = new Uint8Array(capacity);
    this.#mask = capacity - 1;
  }

  get size(): number {
    return this.#size;
  }

  /** The last four bytes (big-endian) of the entry with these first twelve, or undefined. */
  find(entry: Buffer, offset = 0): number | undefined {
    const a = entry.readUInt32BE(offset);
    const b = entry.readUInt32BE(offset + 4);
    const c = entry.readUInt32BE(offset + 8);
    const slot = this.#locate(a, b, c);
    return this.#used[slot] === 1 ? this.#slots[slot * WORDS + 3]! : undefined;
  }

  /** Adds the entry unless one with the same first twelve bytes is there; says whether it was added. */
  add(entry: Buffer, offset = 0): boolean {
    const a = entry.readUInt32BE(offset);
    const b = entry.readUInt32BE(offset + 4);
    const c = entry.readUInt32BE(offset + 8);
    let slot = this.#locate(a, b, c);
    if (this.#used[slot] === 1) return false;
    if ((this.#size + 1) * 2 > this.#mask + 1) {
      this.#grow();
      slot = this.#locate(a, b, c);
    }
    this.#put(slot, a, b, c, entry.readUInt32BE(offset + 12));
    return true;
  }

  /** Adds all entries of a run of 16-byte entries. */
  addAll(entries: Buffer): void {
    for (let offset = 0; offset < entries.length; offset += ENTRY_BYTES) this.add(entries, offset);
  }

  #put(slot: number, a: number, b: number, c: number, rest: number): void {
    const at = slot * WORDS;
    this.#slots[at] = a;
    this.#slots[at + 1] = b;
    this.#slots[at + 2] = c;
    this.#slots[at + 3] = rest;
    this.#used[slot] = 1;
    this.#size++;
  }

  /** The slot that holds these words, or the free one where they belong. The words are hash output: no more mixing. */
  #locate(a: number, b: number, c: number): number {
    let slot = a & this.#mask;
    while (this.#used[slot] === 1) {
      const at = slot * WORDS;
      if (this.#slots[at] === a && this.#slots[at + 1] === b && this.#slots[at + 2] === c) return slot;
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }

  #grow(): void {
    const slots = this.#slots;
    const used = this.#used;
    const capacity = used.length * 2;
    this.#slots = new Uint32Array(capacity * WORDS);
    this.#used = new Uint8Array(capacity);
    this.#mask = capacity - 1;
    this.#size = 0;
    for (let slot = 0; slot < used.length; slot++) {
      if (used[slot] !== 1) continue;
      const at = slot * WORDS;
      const [a, b, c, rest] = [slots[at]!, slots[at + 1]!, slots[at + 2]!, slots[at + 3]!];
      this.#put(this.#locate(a, b, c), a, b, c, rest);
    }
  }
}
