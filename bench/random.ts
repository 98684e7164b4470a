import type { Random } from '../lambdas/domain/ports.ts';

/** A generator of numbers that gives the same ones for the same seed (mulberry32). Not for secrets. */
export class Seeded implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  hex(bytes: number): string {
    let text = '';
    while (text.length < bytes * 2)
      text += this.whole(2 ** 16)
        .toString(16)
        .padStart(4, '0');
    return text.slice(0, bytes * 2);
  }

  /** A whole number in [0, below). */
  whole(below: number): number {
    return Math.floor(this.fraction() * below);
  }
}
