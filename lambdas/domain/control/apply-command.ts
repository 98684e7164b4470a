import type { Mistake } from '../spot.ts';
import { CommandError, type SetCommand } from './command.ts';
import type { Control, Held } from './control.ts';

/** The control item is read by everybody, every few seconds: it has to stay small. */
const MAX_HELD = 100;
const MAX_WINDOWS = 20;

/**
 * What is in force once an operator's command is.
 * @param now ms since the epoch
 * @throws CommandError where it does not go with what is in force
 */
export function applyCommand(control: Control, command: SetCommand, now: number): Control {
  const at = new Date(now).toISOString();
  const { operator: by, reason, mode = control.mode, level = control.level } = command;
  const mistakes = [...contradictions(control, command, at)];
  if (mistakes.length > 0) throw new CommandError(mistakes);
  const { calmSince: _, ...rest } = control;
  return {
    ...rest,
    v: control.v + 1,
    ...{
      mode,
      level,
      held: heldAfter(control.held, command, at),
      maintenance: windowsAfter(control, command, at),
    },
    // An operator's step is one, too: guard lets it work before it takes the next.
    ...((command.level !== undefined || command.hold || command.release) && { steppedAt: at }),
    ...{ by, at, reason },
  };
}

function* contradictions(
  { held, maintenance }: Control,
  { hold, release, endMaintenance, maintenance: window }: SetCommand,
  at: string,
): Generator<Mistake> {
  if (release && !held.some((one) => isOf(one, release)))
    yield {
      place: '/release',
      problem: 'names a producer that is not held: "weir control show" shows who is',
    };
  if (hold && !held.some((one) => isOf(one, hold)) && held.length >= MAX_HELD)
    yield {
      place: '/hold',
      problem: `would be one more than the ${MAX_HELD} that can be held: release some`,
    };
  const standing = maintenance.filter(({ to }) => to > at);
  if (window && standing.length >= MAX_WINDOWS)
    yield {
      place: '/maintenance',
      problem: `would be one more than the ${MAX_WINDOWS} windows that there can be`,
    };
  if (endMaintenance && standing.length === 0)
    yield { place: '/endMaintenance', problem: 'finds no maintenance window, neither open nor to come' };
}

function heldAfter(
  held: readonly Held[],
  { hold, release, operator: by, reason }: SetCommand,
  since: string,
): readonly Held[] {
  const others = held.filter((one) => !(hold && isOf(one, hold)) && !(release && isOf(one, release)));
  return hold ? [...others, { ...hold, since, reason, by }] : others;
}

/** Ending maintenance ends what is open, and calls off what was to come. */
function windowsAfter(
  { maintenance }: Control,
  { maintenance: window, endMaintenance, operator: by, reason }: SetCommand,
  at: string,
): Control['maintenance'] {
  if (endMaintenance) return [];
  const standing = maintenance.filter(({ to }) => to > at);
  return window ? [...standing, { ...window, reason, by }] : standing;
}

function isOf(a: Pick<Held, 'tenant' | 'producer'>, b: Pick<Held, 'tenant' | 'producer'>): boolean {
  return a.tenant === b.tenant && a.producer === b.producer;
}
