import type { SetCommand } from './command.ts';
import type { Control } from './control.ts';

/** A change of what is in force, as the audit has it: written before it takes effect, never changed. */
export interface ControlChange {
  /** Version that it makes. */
  readonly v: number;
  /** RFC 3339, ms. */
  readonly at: string;
  readonly operator: string;
  readonly reason: string;
  readonly before: Control;
  readonly after: Control;
  /** What was asked, where an operator asked. @default - guard decided */
  readonly asked?: SetCommand;
}

/** Where changes are written down. An entry may stand for a change that somebody else was faster to make otherwise. */
export interface ControlAudit {
  append(change: ControlChange): Promise<void>;
}

/** The versions that were in force. None is ever written over. */
export interface ControlHistory {
  /** The last ones, the latest first. */
  latest(count: number): Promise<readonly Control[]>;
  /**
   * The greatest version that ever was, also one that can't be read; 0 where there was none. It is greater than the one that
   * stands where somebody has put an earlier one back by hand, or has deleted it.
   */
  newest(): Promise<number>;
}
