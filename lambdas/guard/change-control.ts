import { isDeepStrictEqual } from 'node:util';
import type { SetCommand } from '../domain/control/command.ts';
import type { Control } from '../domain/control/control.ts';
import type { GuardPorts } from './ports.ts';

/** How often a change is decided anew, as somebody else was faster. */
const MAX_TRIES = 5;

/** Somebody else was faster, again and again. */
export class OvertakenError extends Error {
  override readonly name = 'OvertakenError';
}

/**
 * Puts in force what `decide` makes of what is. The audit has it first: it may hold an entry of a change that was then made
 * otherwise, and there is no change without an entry. Its version is the next after all that ever were: where an operator has
 * put an earlier one back by hand, what came after that stays in the history.
 * @returns what is in force, and what `decide` said of it
 * @throws OvertakenError
 */
export async function changeControl<T extends { readonly control?: Control }>(
  ports: Pick<GuardPorts, 'control' | 'history' | 'audit'>,
  decide: (control: Control) => T | Promise<T>,
  asked?: SetCommand,
): Promise<{ readonly control: Control; readonly decided: T }> {
  let tried: { readonly control: Control; readonly decided: T } | undefined;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const before = await ports.control.read();
    // A write whose answer was lost is there: to do it again would be to do it twice.
    if (tried && isDeepStrictEqual(before, tried.control)) return { ...tried, control: before };
    const decided = await decide(before);
    if (!decided.control) return { control: before, decided };
    const after = { ...decided.control, v: Math.max(before.v, await ports.history.newest()) + 1 };
    const { v, at, by: operator, reason } = after;
    await ports.audit.append({ v, at, operator, reason, before, after, ...(asked && { asked }) });
    if (await ports.control.write(after, before.v)) return { control: after, decided };
    tried = { control: after, decided };
  }
  throw new OvertakenError(
    `Nothing was changed: others changed the control item ${MAX_TRIES} times meanwhile. Look at it, and ask again`,
  );
}
