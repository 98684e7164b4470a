import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { MarkEnv } from '../../lambdas/mark/env.ts';
import type { EventLog } from './event-log.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface MarkProps extends RoomProps {
  readonly log: EventLog;
}

/** Time between two marks. */
export const MARK_EVERY = Duration.minutes(1);

/** Each minute writes a mark to every open shard, by which consumers know how far they have come. */
export class Mark extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: MarkProps) {
    super(scope, id);
    const { config, log } = props;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'mark',
      description: 'Writes a mark to every open shard of the log, each minute',
      timeout: Duration.seconds(30),
      environment: {
        STREAM_NAME: log.stream.streamName,
        BUILD: props.assets.build('mark'),
      } satisfies MarkEnv,
    });
    log.grantListShards(this.handler);
    log.grantPublish(this.handler);
    new Rule(this, 'EachMinute', {
      ruleName: `${config.name}-mark`,
      description: 'Marks the log, so that consumers know how far they have come',
      schedule: Schedule.rate(MARK_EVERY),
      // The next minute's mark serves as well as a late one.
      targets: [new LambdaFunction(this.handler.function, { retryAttempts: 0, maxEventAge: MARK_EVERY })],
    });
  }
}
