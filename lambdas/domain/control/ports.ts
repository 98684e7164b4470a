import type { Control } from './control.ts';

/** The control item. */
export interface ControlStore {
  /** `NO_CONTROL` where none was ever written. */
  read(): Promise<Control>;
  /**
   * Writes it if the version that stands is `over`, and none was ever written under its own; says whether it did.
   * @param over usually `v` less one; less, where somebody has put an earlier version back by hand
   */
  write(control: Control, over: number): Promise<boolean>;
}

/** What became of a producer's events in one minute, as the instances of ingest have told so far. Counts only. */
export interface ProducerActivity {
  readonly tenant: string;
  readonly producer: string;
  /** All that it sent, whatever became of it. */
  readonly offered: number;
  readonly accepted: number;
  readonly shed: number;
}

/** Who sends how much, minute by minute: for budgets and last seen, not for bills. Some of the last seconds may be missing. */
export interface Activity {
  /** Adds counts. @param minute UTC, `YYYY-MM-DDTHH:MM` */
  add(minute: string, counts: ProducerActivity): Promise<void>;
  of(minute: string): Promise<readonly ProducerActivity[]>;
}
