import { Duration, Validations } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { WatchEnv } from '../../lambdas/watch/env.ts';
import type { DurableTable } from './durable-table.ts';
import { allow } from './grants.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface WatchProps extends RoomProps {
  readonly control: DurableTable;
}

/** Each minute looks for what nobody tells by itself: silence, lost metrics, keys that end, and that something else runs. */
export class Watch extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: WatchProps) {
    super(scope, id);
    const { config, assets, control } = props;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'watch',
      description: 'Looks for producers that have stopped, lost metrics, keys that end, and what else runs',
      // Ten thousand producers, and two hours of their minutes, are some 20 MB at once.
      memorySize: 512,
      timeout: Duration.minutes(3),
      environment: {
        CONTROL_TABLE: control.table.tableName,
        METRICS_NAMESPACE: `Weir/${config.name}`,
        BUILDS: JSON.stringify(assets.builds()),
      } satisfies WatchEnv,
    });
    const read = ['ACTIVITY#*', 'SEEN', 'WATCH', 'MANIFESTS', 'TENANTS', 'TENANT#*'];
    control.grant(this.handler, ['dynamodb:Query'], read);
    control.grant(this.handler, ['dynamodb:GetItem'], ['MANIFEST#*', 'CONTROL']);
    control.grant(this.handler, ['dynamodb:PutItem'], ['SEEN', 'WATCH', 'DEPLOYS']);
    allow(this.handler, ['cloudwatch:GetMetricData'], ['*']);
    Validations.of(this.handler).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'cloudwatch:GetMetricData has no resources to name, and changes nothing.',
    });
    new Rule(this, 'EachMinute', {
      ruleName: `${config.name}-watch`,
      description: 'Looks for what nobody tells by itself',
      schedule: Schedule.rate(Duration.minutes(1)),
      // What is not looked at now is looked at in the next minute.
      targets: [
        new LambdaFunction(this.handler.function, { retryAttempts: 0, maxEventAge: Duration.minutes(1) }),
      ],
    });
  }
}
