import { Duration, Validations } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IAlarm,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias, type IVersion, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import type { MetricAlarm } from '../observability/alarm.ts';
import { RELEASE_HEADING, type ReleaseAlarms, releaseAlarms } from '../observability/releases.ts';
import { type AlarmNaming, linkTo, metricAlarm } from './alarms.ts';
import { GATHER_SECONDS } from './project.ts';
import type { Room } from './room-assets.ts';

/** What callers and event source mappings invoke. */
export const LIVE = 'live';

/** How a stack's functions are released: undefined where new versions go live all at once. */
export function releaseOf(
  scope: Construct,
  config: WeirConfig,
  part: keyof ReleaseAlarms,
): Release | undefined {
  if (config.release === 'all-at-once') return undefined;
  const deployment = {
    retentionHours: config.streamRetentionHours,
    gatherSeconds: GATHER_SECONDS[config.freshness],
  };
  return new Release(scope, 'Release', {
    ...{ name: config.name, part, alarms: releaseAlarms(deployment)[part] },
    ...(config.runbookUrl !== undefined && { runbookUrl: config.runbookUrl }),
  });
}

export interface ReleaseProps extends AlarmNaming {
  /** What is released together; CodeDeploy's application is called after it. */
  readonly part: keyof ReleaseAlarms;
  /** Any of them in alarm takes the release back. */
  readonly alarms: readonly MetricAlarm[];
}

/**
 * Releases a stack's functions by canary: a new version gets a tenth of the calls for five minutes, then all. Where an alarm
 * speaks meanwhile, or the new version fails, the alias goes back at once and CloudFormation undoes the update.
 *
 * The alarms are here, beside the functions, and not those of the observability stack, which is deployed last: what a deployment
 * group names must be there before the alias moves, also on the day that an alarm is new. ADR 8 has the whole of it.
 */
export class Release extends Construct {
  readonly #props: ReleaseProps;
  readonly #application: LambdaApplication;
  readonly #role: Role;
  readonly #alarms: readonly IAlarm[];

  constructor(scope: Construct, id: string, props: ReleaseProps) {
    super(scope, id);
    const { name, part, alarms } = props;
    this.#props = props;
    this.#application = new LambdaApplication(this, 'Application', { applicationName: `${name}-${part}` });
    // CodeDeploy's own policy for functions is added to it by each group.
    this.#role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('codedeploy.amazonaws.com') });
    this.#alarms = alarms.map((alarm) => metricAlarm(this, props, alarm));
    Validations.of(this.#role).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
      reason:
        "AWS's policy for exactly this: to move aliases, to read alarms, and to call hooks, of which there are none.",
    });
  }

  /** The alias of a function that is released so. Make it once for each function, in the function's own scope. */
  alias(scope: Construct, room: Room, handler: LambdaFunction): Alias {
    const { name } = this.#props;
    const version = handler.currentVersion;
    const alias = new Alias(scope, 'Live', { aliasName: LIVE, version: version as IVersion });
    new LambdaDeploymentGroup(scope, 'Release', {
      application: this.#application,
      deploymentGroupName: `${name}-${room}`,
      role: this.#role,
      alias,
      deploymentConfig: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
      alarms: [...this.#alarms, this.#failingAlarm(scope, room, version.version)],
      autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
    });
    return alias;
  }

  /** Functions answer or report what goes wrong; one that ends in an error has crashed, run out of time or can't start. */
  #failingAlarm(scope: Construct, room: Room, version: string): Alarm {
    const { name } = this.#props;
    const FunctionName = `${name}-${room}`;
    return new Alarm(scope, 'ReleaseFailing', {
      alarmName: `${name}-release-${room}`,
      alarmDescription: [
        `The new version of ${FunctionName} crashes, runs out of time or does not start: its release is taken back.`,
        `Runbook: ${linkTo(RELEASE_HEADING, this.#props)}`,
        'Severity: part. Owner: operations.',
      ].join('\n'),
      // Not by the alias' own `metricErrors`: the alias waits for the group, the group for this alarm.
      metric: new Metric({
        namespace: 'AWS/Lambda',
        metricName: 'Errors',
        dimensionsMap: { FunctionName, Resource: `${FunctionName}:${LIVE}`, ExecutedVersion: version },
        statistic: Stats.SUM,
        period: Duration.minutes(1),
      }),
      evaluationPeriods: 1,
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
