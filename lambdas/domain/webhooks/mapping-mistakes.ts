import type { Mistake } from '../spot.ts';

/** A mapping that can't be used; the message has a line for each mistake. */
export class MappingError extends Error {
  override readonly name = 'MappingError';
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(({ place, problem }) => `mapping${place} ${problem}`).join('\n'));
    this.mistakes = mistakes;
  }
}
