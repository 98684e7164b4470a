import { ObservabilityStack } from '../../../lib/stacks/observability.ts';
import { readAlarms } from '../alarm-simulator/read-alarms.ts';
import { type Simulation, simulate } from '../alarm-simulator/simulate.ts';
import { configOf, newApp } from '../synth.ts';
import { metricsOf } from './metrics-of-world.ts';
import type { Scenario } from './world.ts';

/** What was heard: `page consumers-behind` and the minute, in order. */
export type Heard = readonly (readonly [minute: number, what: string])[];

/** Synthesises the alarms, with those whose metrics are still to come, and has them watch scenarios. */
export function alarmWatch({ planned = true } = {}) {
  const config = configOf();
  const app = newApp();
  new ObservabilityStack(app, 'Weir-Observability', {
    config,
    planned,
    env: { account: config.account, region: config.region },
  });
  const alarms = readAlarms(app.synth());

  const run = (scenario: Scenario, minutes: number, beyond?: number): Simulation =>
    simulate({ alarms, data: metricsOf(scenario), minutes, ...(beyond !== undefined && { beyond }) });

  return {
    alarms,
    run,
    /** The messages that somebody gets. */
    heard: (scenario: Scenario, minutes: number, beyond?: number): Heard =>
      run(scenario, minutes, beyond).messages.map(({ minute, alarm, topic }) => [
        minute,
        `${topic.replace('weir-', '')} ${alarm.replace('weir-', '')}`,
      ]),
  };
}
