import type { Change } from './sum-up.ts';

export function changesOf(difference: unknown): readonly Change[] {
  return [difference as Change];
}
