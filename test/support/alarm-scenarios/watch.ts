import { RoomAssets } from '../../../lib/constructs/room-assets.ts';
import { addWeir } from '../../../lib/weir.ts';
import { readAlarms } from '../alarm-simulator/read-alarms.ts';
import { type Simulation, simulate } from '../alarm-simulator/simulate.ts';
import { configOf, newApp, stubBundles } from '../synth.ts';
import { metricsOf } from './metrics-of-world.ts';
import type { Scenario } from './world.ts';

/** What was heard: `page consumers-behind` and the minute, in order. */
export type Heard = readonly (readonly [minute: number, what: string])[];

/** Synthesises the alarms, with those whose metrics are still to come, and has them watch scenarios. */
export function alarmWatch({ planned = true } = {}) {
  // A short memory, so that half of it is over within a day.
  const config = { ...configOf(), streamRetentionHours: 24 };
  const app = newApp();
  addWeir(app, config, new RoomAssets(stubBundles()), { planned });
  // Others are for CodeDeploy alone, while a release is shifted.
  const alarms = readAlarms(app.synth(), 'Observability');

  const run = (scenario: Scenario, minutes: number, beyond?: number, late?: number): Simulation =>
    simulate({
      ...{ alarms, data: metricsOf(scenario), minutes },
      ...(beyond !== undefined && { beyond }),
      ...(late !== undefined && { late }),
    });

  const asHeard = (messages: Simulation['messages']): Heard =>
    messages.map(({ minute, alarm, topic }) => [
      minute,
      `${topic.replace('weir-', '')} ${alarm.replace('weir-', '')}`,
    ]);
  return {
    alarms,
    run,
    asHeard,
    /** The messages that somebody gets. */
    heard: (scenario: Scenario, minutes: number, beyond?: number, late?: number): Heard =>
      asHeard(run(scenario, minutes, beyond, late).messages),
  };
}
