import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock, Random, Sleep } from '../domain/ports.ts';

/** The machine's own time, randomness and waiting, for composition roots to hand in. */
export const systemClock: Clock = { now: Date.now };
export const systemRandom: Random = {
  fraction: Math.random,
  hex: (bytes) => randomBytes(bytes).toString('hex'),
};
export const systemSleep: Sleep = (ms) => wait(ms);
