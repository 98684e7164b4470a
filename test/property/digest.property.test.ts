import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addHash,
  carry,
  digestFromHex,
  digestToHex,
  emptyDigest,
  subtractHash,
} from '../../lambdas/domain/digest.ts';

const MODULUS = 2n ** 256n;
/** Random hashes, and those at which every word carries over. */
const hash = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
  },
  fc.constantFrom(0x00, 0x01, 0x7f, 0x80, 0xff).map((byte) => Buffer.alloc(32, byte)),
  fc.nat(31).map((place) => Buffer.alloc(32).fill(1, place, place + 1)),
);
const toBigInt = (bytes: Buffer) => BigInt(`0x${bytes.toString('hex')}`);
const hex = (value: bigint) => (((value % MODULUS) + MODULUS) % MODULUS).toString(16).padStart(64, '0');

describe('P4 the digest is the sum modulo 2^256', () => {
  it('of any hashes, carried at any moment, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(hash, fc.boolean())), (hashes) => {
        const digest = emptyDigest();
        for (const [bytes, carries] of hashes) {
          addHash(digest, bytes);
          if (carries) carry(digest);
        }
        const backwards = emptyDigest();
        for (const [bytes] of hashes.toReversed()) addHash(backwards, bytes);
        const sum = hashes.reduce((total, [bytes]) => total + toBigInt(bytes), 0n);
        expect(digestToHex(digest)).toBe(hex(sum));
        expect(digestToHex(backwards)).toBe(hex(sum));
      }),
      { numRuns: 500 },
    );
  });

  it('and subtracting takes back what was added, below zero too', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(hash, fc.boolean())), (steps) => {
        const digest = emptyDigest();
        let sum = 0n;
        for (const [bytes, adds] of steps) {
          if (adds) addHash(digest, bytes);
          else subtractHash(digest, bytes);
          sum += adds ? toBigInt(bytes) : -toBigInt(bytes);
        }
        expect(digestToHex(digest)).toBe(hex(sum));
      }),
      { numRuns: 500 },
    );
  });

  it('takes two million additions before a carry is due', () => {
    const most = Buffer.alloc(32, 0xff);
    const digest = emptyDigest();
    for (let i = 0; i < 2_000_000; i++) addHash(digest, most);
    expect(digestToHex(digest)).toBe(hex(2_000_000n * toBigInt(most)));
  });

  it('is read back from its text, and from nothing else', () => {
    fc.assert(
      fc.property(hash, (bytes) => {
        const text = bytes.toString('hex');
        expect(digestToHex(digestFromHex(text))).toBe(text);
      }),
    );
    for (const text of ['', 'a'.repeat(63), 'A'.repeat(64), `${'a'.repeat(63)}g`, `${'a'.repeat(64)}\n`]) {
      expect(() => digestFromHex(text)).toThrow(RangeError);
    }
  });

  it('printing does not change it', () => {
    const digest = emptyDigest();
    addHash(digest, Buffer.alloc(32, 0xff));
    addHash(digest, Buffer.alloc(32, 0xff));
    expect(digestToHex(digest)).toBe(digestToHex(digest));
  });
});
