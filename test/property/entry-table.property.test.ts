import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EntryTable } from '../../lambdas/domain/entry-table.ts';

/** Entries from a small space, so that the same identities come again, with hashes that crowd into few slots. */
const entry = fc
  .tuple(
    fc.constantFrom(0, 1, 15, 16, 2 ** 31, 2 ** 32 - 1),
    fc.nat(3),
    fc.nat(3),
    fc.constantFrom(0, 1, 2 ** 32 - 1),
  )
  .map((words) => {
    const bytes = Buffer.alloc(16);
    for (const [index, word] of words.entries()) bytes.writeUInt32BE(word, index * 4);
    return bytes;
  });
const identity = (bytes: Buffer) => bytes.toString('hex', 0, 12);

describe('P2 the table of entries', () => {
  it('is a Map from twelve bytes to four that keeps what came first', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 300, size: 'max' }), fc.nat(64), (entries, expected) => {
        const table = new EntryTable(expected);
        const oracle = new Map<string, number>();
        for (const bytes of entries) {
          expect(table.find(bytes)).toBe(oracle.get(identity(bytes)));
          expect(table.add(bytes)).toBe(!oracle.has(identity(bytes)));
          if (!oracle.has(identity(bytes))) oracle.set(identity(bytes), bytes.readUInt32BE(12));
          expect(table.size).toBe(oracle.size);
        }
        for (const bytes of entries) expect(table.find(bytes)).toBe(oracle.get(identity(bytes)));
      }),
      { numRuns: 200 },
    );
  });

  it('reads a run of entries as it reads each', () => {
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        const one = new EntryTable();
        one.addAll(Buffer.concat(entries));
        const other = new EntryTable(entries.length);
        for (const bytes of entries) other.add(bytes);
        expect(one.size).toBe(other.size);
        const run = Buffer.concat(entries);
        for (let offset = 0; offset < run.length; offset += 16)
          expect(one.find(run, offset)).toBe(other.find(run, offset));
      }),
    );
  });

  it('grows far beyond what was expected, under hashes that all want the same slot', () => {
    const table = new EntryTable(1);
    const bytes = Buffer.alloc(16);
    for (let i = 0; i < 3000; i++) {
      bytes.writeUInt32BE(i, 4);
      bytes.writeUInt32BE(i, 12);
      expect(table.add(bytes)).toBe(true);
    }
    expect(table.size).toBe(3000);
    for (let i = 0; i < 3000; i++) {
      bytes.writeUInt32BE(i, 4);
      expect(table.find(bytes)).toBe(i);
    }
    bytes.writeUInt32BE(3000, 4);
    expect(table.find(bytes)).toBeUndefined();
  });

  it('holds an entry of nothing but zeros, which is not the same as an empty slot', () => {
    const table = new EntryTable();
    const zeros = Buffer.alloc(16);
    expect(table.find(zeros)).toBeUndefined();
    expect(table.add(zeros)).toBe(true);
    expect(table.find(zeros)).toBe(0);
    expect(table.add(zeros)).toBe(false);
  });
});
