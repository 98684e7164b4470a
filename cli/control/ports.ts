import type { Answered, Shown } from '../../lambdas/domain/control/shown.ts';
import type { Target } from '../platform/target.ts';

/** What the commands of the control plane need of a deployment. */
export interface ControlPorts {
  /** Invokes guard. @throws CliError with the function's own words */
  readonly show: () => Promise<Shown>;
  readonly set: (command: object) => Promise<Answered>;
  /** Whose credentials these are. */
  readonly operator: () => Promise<string>;
}

export type ConnectControl = (target: Target) => Promise<ControlPorts>;
