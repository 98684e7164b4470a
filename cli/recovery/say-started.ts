import type { Use } from '../platform/context.ts';
import { printable } from '../platform/output.ts';
import type { Recovered } from './ports.ts';

/** Says what was started, and how to see how it goes. */
export function sayStarted(answer: Recovered, { output }: Use): void {
  const { requestId, attempt, status } = answer;
  output.emit(answer);
  output.say(`${printable(requestId)} is ${printable(status)} (attempt ${attempt}).`);
  output.say(`Watch it: weir runs watch ${printable(requestId)}`);
}
