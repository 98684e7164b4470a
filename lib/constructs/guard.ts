import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { GuardEnv } from '../../lambdas/guard/env.ts';
import type { GuardSettings } from '../../lambdas/guard/ports.ts';
import type { WeirConfig } from '../config/index.ts';
import type { AuditBucket } from './audit-bucket.ts';
import type { DurableTable } from './durable-table.ts';
import type { EventLog } from './event-log.ts';
import { allow } from './grants.ts';
import { MARK_EVERY } from './mark.ts';
import { GATHER_SECONDS } from './project.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface GuardProps extends RoomProps {
  readonly log: EventLog;
  readonly control: DurableTable;
  readonly audit: AuditBucket;
  /** Names of the alarms that say that more comes than can be taken. Metric alarms: of composite ones IAM can't let it see some only. */
  readonly alarms: readonly string[];
}

const EVERY = Duration.minutes(1);

/** Decides what is shed: each minute, at once when an alarm says so, and as operators set it. */
export class Guard extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: GuardProps) {
    super(scope, id);
    const { config, log, control, audit, alarms } = props;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'guard',
      description: 'Decides what is shed, and is asked by operators: docs/control.md shows what it takes',
      // Calls of three and five seconds that are tried three times, and nothing that lasts.
      timeout: Duration.seconds(50),
      environment: {
        CONTROL_TABLE: control.table.tableName,
        STREAM_NAME: log.stream.streamName,
        AUDIT_BUCKET: audit.bucket.bucketName,
        GUARDING_ALARMS: JSON.stringify(alarms),
        SETTINGS: JSON.stringify(settingsOf(config)),
        BUDGETS: JSON.stringify(budgetsOf(config)),
      } satisfies GuardEnv,
    });
    this.#grant(props);
    // Late, or a second time, it would only look again: the next minute's does.
    const target = new LambdaFunction(this.handler.function, { retryAttempts: 0, maxEventAge: EVERY });
    new Rule(this, 'EachMinute', {
      ruleName: `${config.name}-guard`,
      description: 'Looks whether more comes than can be taken, and whether it is over',
      schedule: Schedule.rate(EVERY),
      targets: [target],
    });
    new Rule(this, 'AtOnce', {
      ruleName: `${config.name}-guard-alarms`,
      description: 'Looks at once when an alarm says that more comes than can be taken',
      eventPattern: {
        source: ['aws.cloudwatch'],
        detailType: ['CloudWatch Alarm State Change'],
        resources: this.#alarmArns(alarms),
        detail: { state: { value: ['ALARM'] } },
      },
      targets: [target],
    });
  }

  #grant({ log, control, audit, alarms }: GuardProps): void {
    control.grant(this.handler, ['dynamodb:GetItem'], ['CONTROL', 'TENANT#*']);
    control.grant(this.handler, ['dynamodb:PutItem'], ['CONTROL']);
    control.grant(this.handler, ['dynamodb:Query'], ['CONTROL', 'ACTIVITY#*', 'PROGRESS#project']);
    log.grantListShards(this.handler);
    audit.grantAppend(this.handler, 'audit');
    allow(this.handler, ['cloudwatch:DescribeAlarms'], this.#alarmArns(alarms));
  }

  #alarmArns(names: readonly string[]): string[] {
    const stack = Stack.of(this);
    return names.map((resourceName) =>
      stack.formatArn({
        ...{ service: 'cloudwatch', resource: 'alarm', resourceName },
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    );
  }
}

function settingsOf({ guard, freshness }: WeirConfig): Omit<GuardSettings, 'alarms' | 'budgets'> {
  return { ...guard, markSeconds: MARK_EVERY.toSeconds() + GATHER_SECONDS[freshness] };
}

function budgetsOf({ tiers }: WeirConfig): GuardSettings['budgets'] {
  return Object.fromEntries(Object.entries(tiers).map(([tier, { events }]) => [tier, events]));
}
