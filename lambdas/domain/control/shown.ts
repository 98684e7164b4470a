import type { Control } from './control.ts';
import type { Lag } from './signals.ts';

/** What a producer sent in each of the minutes. */
export interface ShownProducer {
  readonly tenant: string;
  readonly producer: string;
  /** Events a second that its tier allows; for producers that nobody knows, the standard tier's. */
  readonly budget: number;
  /** Events a minute, the first minute first. */
  readonly offered: readonly number[];
  readonly accepted: readonly number[];
  readonly shed: readonly number[];
}

/** What operators are shown who ask guard. */
export interface Shown {
  readonly control: Control;
  /** Guarding alarms that are in ALARM. */
  readonly alarms: readonly string[];
  /** @default - not known: no mark has been passed */
  readonly lag?: Lag;
  /** `YYYY-MM-DDTHH:MM`, UTC; the last one is not over. */
  readonly minutes: readonly string[];
  /** Those that offered most, the heaviest first. */
  readonly producers: readonly ShownProducer[];
  /** How many there were in all. */
  readonly senders: number;
  /** The last changes, the latest first. */
  readonly changes: readonly Pick<Control, 'v' | 'at' | 'by' | 'reason' | 'level' | 'mode'>[];
}

/** What an operator is answered who has set something. */
export interface Answered {
  readonly control: Control;
  /** What happens now, and how to undo it. */
  readonly next: string;
}
