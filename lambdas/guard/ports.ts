import type { ControlAudit, ControlHistory } from '../domain/control/changes.ts';
import type { AlarmStates, Sightings, Tiers } from '../domain/control/guard-ports.ts';
import type { Activity, ControlStore } from '../domain/control/ports.ts';
import type { SteerSettings } from '../domain/control/signals.ts';
import type { Shards } from '../domain/manifest.ts';
import type { Clock } from '../domain/ports.ts';
import type { ProjectorPasses } from '../domain/recovery/ports.ts';

/** What guard looks at, and what it writes. */
export interface GuardPorts {
  readonly control: ControlStore;
  readonly history: ControlHistory;
  readonly audit: ControlAudit;
  readonly activity: Pick<Activity, 'of'>;
  readonly tiers: Tiers;
  readonly alarms: AlarmStates;
  readonly shards: Shards;
  readonly passes: ProjectorPasses;
  readonly sightings: Sightings;
  readonly clock: Clock;
}

export interface GuardSettings extends SteerSettings {
  /** Time that may pass between two marks, and until the second is counted. */
  readonly markSeconds: number;
  /** Names of the alarms that it listens to. */
  readonly alarms: readonly string[];
  /** Events a second that a producer may send, by tier; `standard` is among them. */
  readonly budgets: Readonly<Record<string, number>>;
}
