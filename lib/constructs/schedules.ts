import { Duration } from 'aws-cdk-lib';
import { EventField, Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import type { WeirFunction } from './weir-function.ts';

export interface SchedulesProps {
  readonly config: WeirConfig;
  /** `recover`, which makes requests of these by the time that it is told. */
  readonly handler: WeirFunction;
}

/** Times of UTC. Not on the hour: what closes then should be closed, and not all of the world starts then. */
const SCHEDULES = {
  hourly: { schedule: Schedule.cron({ minute: '20' }), what: 'Compares the windows that have closed' },
  nightly: { schedule: Schedule.cron({ hour: '1', minute: '35' }), what: 'Compares a whole day' },
  identities: {
    schedule: Schedule.cron({ hour: '3', minute: '50' }),
    what: 'Looks for identities that are in two buckets',
  },
} as const;

/** Reconciles by itself. */
export class Schedules extends Construct {
  constructor(scope: Construct, id: string, { config, handler }: SchedulesProps) {
    super(scope, id);
    for (const [scheduled, { schedule, what }] of Object.entries(SCHEDULES)) {
      new Rule(this, scheduled, {
        ruleName: `${config.name}-reconcile-${scheduled}`,
        description: `${what} with the archive`,
        schedule,
        targets: [
          new LambdaFunction(handler.function, {
            event: RuleTargetInput.fromObject({ scheduled, time: EventField.time }),
            // Told twice, it is one run; told an hour late, the next one has come.
            retryAttempts: 2,
            maxEventAge: Duration.hours(1),
          }),
        ],
      });
    }
  }
}
