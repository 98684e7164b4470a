import { applyCommand } from '../domain/control/apply-command.ts';
import type { ControlCommand } from '../domain/control/command.ts';
import type { Control } from '../domain/control/control.ts';
import type { Answered, Shown } from '../domain/control/shown.ts';
import { changeControl } from './change-control.ts';
import type { GuardPorts, GuardSettings } from './ports.ts';
import { showControl } from './show-control.ts';

/** Carries out what an operator asks. @throws CommandError where it does not go with what is in force */
export async function answerCommand(
  command: ControlCommand,
  ports: GuardPorts,
  settings: GuardSettings,
): Promise<Shown | Answered> {
  if (command.command === 'show') return showControl(ports, settings);
  const apply = (before: Control) => ({ control: applyCommand(before, command, ports.clock.now()) });
  const { control } = await changeControl(ports, apply, command);
  return { control, next: nextOf(control) };
}

function nextOf({ mode, level, held, maintenance }: Control): string {
  const taken = 'Ingest takes it up within 5 s.';
  if (mode === 'manual')
    return `${taken} Guard changes nothing until the mode is auto again: weir control set --mode auto --reason "…".`;
  const steers = level !== 'none' || held.length > 0;
  const stays = steers
    ? ' Guard goes on from here: it sheds more when more comes than can be taken, and lowers the level once it is calm. Whom an operator holds stays held until an operator releases it.'
    : '';
  const quiet = maintenance.length > 0 ? ' Pages wait from the next minute on that a window is open.' : '';
  return `${taken}${stays}${quiet}`;
}
