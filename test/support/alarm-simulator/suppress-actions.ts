import type { AlarmState } from './evaluate-datapoints.ts';

/** Seconds. */
export interface Suppression {
  readonly waitPeriod: number;
  readonly extensionPeriod: number;
}

/** A composite alarm and its suppressor at one moment. */
export interface Moment {
  /** Seconds. */
  readonly at: number;
  readonly state: AlarmState;
  readonly suppressor: AlarmState;
}

type Waiting =
  | { readonly by: 'nothing' }
  | { readonly by: 'WaitPeriod' | 'ExtensionPeriod'; readonly until: number };

/**
 * When a composite alarm takes its actions: user guide, "Suppressing composite alarm actions".
 *
 * A change of state begins a WaitPeriod, in which the suppressor may still go into ALARM; while it is there, nothing is
 * done; when it leaves, an ExtensionPeriod begins, in which the composite may still change back. When either ends, the
 * actions are those of the state at that time.
 */
export class ActionsSuppressor {
  readonly #periods: Suppression | undefined;
  #last: Moment;
  #waiting: Waiting = { by: 'nothing' };

  /** @param periods none for an alarm without a suppressor */
  constructor(periods: Suppression | undefined, start: Moment) {
    this.#periods = periods;
    this.#last = start;
  }

  /** Moves on to a moment. @returns the state whose actions are taken now, if any */
  next(moment: Moment): AlarmState | undefined {
    const { at, state, suppressor } = moment;
    const before = this.#last;
    this.#last = moment;
    const changed = state !== before.state;
    if (!this.#periods) return changed ? state : undefined;

    if (suppressor === 'ALARM') {
      this.#waiting = { by: 'nothing' };
      return undefined;
    }
    if (changed) {
      this.#waiting = { by: 'WaitPeriod', until: at + this.#periods.waitPeriod };
    } else if (before.suppressor === 'ALARM') {
      this.#waiting = { by: 'ExtensionPeriod', until: at + this.#periods.extensionPeriod };
    }
    if (this.#waiting.by === 'nothing' || at < this.#waiting.until) return undefined;
    this.#waiting = { by: 'nothing' };
    return state;
  }
}
