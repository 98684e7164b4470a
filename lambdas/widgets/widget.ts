import type { Html } from './html.ts';
import type { Given } from './read-params.ts';

/** How a widget is called. */
export interface Call {
  readonly given: Given;
  /** ARN of this function, which buttons call. */
  readonly self: string;
  /** Ms since the epoch. */
  readonly nowMs: number;
  /** Ms since the epoch: nothing more is read after it. */
  readonly deadline: number;
}

/** Draws one widget. @throws ParamError where it can't be drawn for what was given */
export type ShowWidget = (call: Call) => Promise<Html>;
