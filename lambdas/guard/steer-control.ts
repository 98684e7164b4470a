import type { Control } from '../domain/control/control.ts';
import type { Signals } from '../domain/control/signals.ts';
import { type Steered, steer } from '../domain/control/steer.ts';
import { changeControl } from './change-control.ts';
import type { GuardPorts, GuardSettings } from './ports.ts';
import { readSignals } from './read-signals.ts';

/** What guard saw, and what is in force since. */
export interface Looked {
  readonly control: Control;
  readonly signals: Signals;
  readonly changed: boolean;
  readonly step?: Steered['step'];
  readonly why: string;
}

/**
 * Looks once, and steers. Another that looks at the same moment changes nothing more: steps keep their distance.
 * @throws also after a step, where not all could be seen: who looks after guard should know
 */
export async function steerControl(ports: GuardPorts, settings: GuardSettings): Promise<Looked> {
  const { held } = await ports.control.read();
  const { signals, failed } = await readSignals(ports, settings, held);
  const { control, decided } = await changeControl(ports, (before) =>
    steer(before, signals, ports.clock.now(), settings),
  );
  if (failed !== undefined) throw failed;
  const { step, why } = decided;
  return { control, signals, changed: decided.control !== undefined, ...(step && { step }), why };
}
