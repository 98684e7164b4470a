import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ProjectEnv } from '../../lambdas/project/env.ts';
import type { WeirConfig } from '../config/index.ts';
import type { DurableTable } from './durable-table.ts';
import type { EventLog } from './event-log.ts';
import { LogConsumer } from './log-consumer.ts';
import type { RepairQueue } from './repair-queue.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface ProjectProps extends RoomProps {
  readonly log: EventLog;
  readonly state: DurableTable;
  readonly control: DurableTable;
  readonly repair: RepairQueue;
}

/** Seconds that records are gathered, by freshness. */
export const GATHER_SECONDS = { realtime: 0, balanced: 5, economy: 60 } as const;

/** Counts the log's events into state. */
export class Project extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: ProjectProps) {
    super(scope, id);
    const { config, log, state, control, repair } = props;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'project',
      description: 'Counts the events of the log into state, each exactly once',
      // Long enough to wait for a dependency inside the invocation, so that an outage does not burn retries.
      timeout: Duration.minutes(5),
      environment: {
        STATE_TABLE: state.table.tableName,
        CONTROL_TABLE: control.table.tableName,
        STREAM_NAME: log.stream.streamName,
        BUILD: props.assets.build('project'),
      } satisfies ProjectEnv,
    });
    state.grant(this.handler, [
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
    ]);
    control.grant(this.handler, ['dynamodb:PutItem'], ['QUARANTINE#*']);
    control.grant(this.handler, ['dynamodb:UpdateItem'], ['PROGRESS#project', 'FINGERPRINTS#*']);
    log.grantPublish(this.handler);
    new LogConsumer(this, 'Consumer', {
      log,
      handler: this.handler,
      window: Duration.seconds(GATHER_SECONDS[config.freshness]),
      giveUp: { after: config.projectRetries, age: oldestTried(config), to: repair },
    });
  }
}

/** Well before the log forgets a record, so that a pointer to it is left in time; at most a mapping's 7 days. */
function oldestTried({ streamRetentionHours }: WeirConfig): Duration {
  return Duration.hours(Math.min(Math.floor(streamRetentionHours * 0.75), 168));
}
