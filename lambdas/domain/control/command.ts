import { boundedPointer } from '../check-event.ts';
import type { Mistake } from '../spot.ts';
import type { Control, Held, Level } from './control.ts';

/** What an operator sets, with every default filled in. */
export interface SetCommand {
  readonly command: 'set';
  readonly operator: string;
  readonly reason: string;
  readonly mode?: Control['mode'];
  readonly level?: Level;
  readonly hold?: Pick<Held, 'tenant' | 'producer' | 'how'>;
  readonly release?: Pick<Held, 'tenant' | 'producer'>;
  /** RFC 3339, ms; `to` exclusive. */
  readonly maintenance?: { readonly from: string; readonly to: string };
  readonly endMaintenance?: true;
}

/** What guard can be asked by operators. */
export type ControlCommand = SetCommand | { readonly command: 'show' };

/** Most mistakes that a message lists. */
const MAX_MISTAKES = 20;

/** What an operator asked can't be read, or not be done. The message has a line for each mistake and says what would be right. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    const lines = mistakes
      .slice(0, MAX_MISTAKES)
      .map(({ place, problem }) => `${boundedPointer(place) || 'the command'} ${problem}`);
    const more = mistakes.length > MAX_MISTAKES ? [`and ${mistakes.length - MAX_MISTAKES} more`] : [];
    super(
      [
        'Nothing was changed. What was asked is not right:',
        ...lines,
        ...more,
        'Examples: docs/control.md',
      ].join('\n'),
    );
    this.mistakes = mistakes;
  }
}
