import { type Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { type IGrantable, type IPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  type IFunction,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import { allow } from './grants.ts';
import type { Release } from './release.ts';
import type { Room, RoomAssets } from './room-assets.ts';

/** What every stage's construct is given by its stack. */
export interface RoomProps {
  readonly config: WeirConfig;
  readonly assets: RoomAssets;
  /** Encrypts the log group. */
  readonly logKey: IKey;
  /** How new versions of it are released. @default - all at once */
  readonly release?: Release;
}

export interface WeirFunctionProps extends RoomProps {
  readonly room: Room;
  readonly description: string;
  /** Write it as `{...} satisfies XxxEnv`, the type that the room reads it with. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeout: Duration;
  /** Megabytes; processor time comes in proportion. @default 256 */
  readonly memorySize?: number;
}

/** The function of one room under `lambdas/`, its log group, and a role that may only log and trace until it is granted more. */
export class WeirFunction extends Construct implements IGrantable {
  readonly function: LambdaFunction;
  /** What is invoked: the alias of the live version where there is one, or the function. */
  readonly live: IFunction;
  readonly room: Room;
  readonly grantPrincipal: IPrincipal;

  constructor(scope: Construct, id: string, props: WeirFunctionProps) {
    super(scope, id);
    const { config, room } = props;
    this.room = room;
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.grantPrincipal = role;
    this.function = new LambdaFunction(this, 'Function', {
      functionName: `${config.name}-${room}`,
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(props.assets.directory(room)),
      handler: 'handler.handler',
      memorySize: props.memorySize ?? 256,
      timeout: props.timeout,
      role,
      logGroup: this.#logGroup(props),
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel[config.logLevel],
      // The platform's START and REPORT lines would cost more than all of our own; durations are metrics anyway.
      systemLogLevelV2: SystemLogLevel.WARN,
      tracing: Tracing.ACTIVE,
      environment: {
        ...props.environment,
        // Each line of the log has it.
        BUILD: props.assets.build(room),
        POWERTOOLS_SERVICE_NAME: room,
        POWERTOOLS_METRICS_NAMESPACE: `Weir/${config.name}`,
        LOG_LEVEL: config.logLevel,
        NODE_OPTIONS: '--enable-source-maps',
      },
      // Kept, so that the alias can be put back by hand; but not of an update that failed, whose version would be in the way of the next one.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE },
    });
    this.live = (props.release?.alias(this, room, this.function) ?? this.function) as IFunction;
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'xray:PutTraceSegments and PutTelemetryRecords have no resources to name.',
    });
  }

  #logGroup({ config, room, logKey }: WeirFunctionProps): LogGroup {
    const group = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${config.name}-${room}`,
      retention: config.logRetentionDays,
      encryptionKey: logKey,
      // The stacks with functions may be deleted and made again at any time; a group left behind would be in the way.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    allow(this, ['logs:CreateLogStream', 'logs:PutLogEvents'], [group.logGroupArn]);
    return group;
  }
}
