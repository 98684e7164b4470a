import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct, type IConstruct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import { allow } from './grants.ts';
import { MAP_LABELS, recoveryDefinition, type Substitution } from './recovery-definition.ts';
import type { RunsBucket } from './runs-bucket.ts';
import type { RoomProps, WeirFunction } from './weir-function.ts';

export interface RecoveryMachineProps extends Pick<RoomProps, 'config' | 'logKey'> {
  readonly rooms: Readonly<Record<'plan' | 'scan' | 'fold' | 'resend' | 'conclude', WeirFunction>>;
  readonly runs: RunsBucket;
}

/** The course of recovery runs: one execution an attempt. */
export class RecoveryMachine extends Construct {
  readonly machine: StateMachine;
  readonly #config: WeirConfig;

  constructor(scope: Construct, id: string, props: RecoveryMachineProps) {
    super(scope, id);
    this.#config = props.config;
    const { plan, scan, fold, resend, conclude } = props.rooms;
    const functions = { plan, scan, fold, resend, conclude };
    this.machine = new StateMachine(this, 'Machine', {
      stateMachineName: this.#name,
      stateMachineType: StateMachineType.STANDARD,
      // Written by hand: what a test reads, and an operator sees in the console, is what stands there.
      definitionBody: DefinitionBody.fromString(JSON.stringify(recoveryDefinition())),
      definitionSubstitutions: {
        PlanFunction: plan.function.functionArn,
        ScanFunction: scan.function.functionArn,
        FoldFunction: fold.function.functionArn,
        ResendFunction: resend.function.functionArn,
        ConcludeFunction: conclude.function.functionArn,
        RunsBucket: props.runs.bucket.bucketName,
      } satisfies Record<Substitution, string>,
      tracingEnabled: true,
      // What is passed on are ids and counts: no event is ever in it.
      logs: { destination: this.#addLogGroup(props), level: LogLevel.ALL, includeExecutionData: true },
    });
    const { role } = this.machine;
    allow(
      role,
      ['lambda:InvokeFunction'],
      Object.values(functions).map((each) => each.function.functionArn),
    );
    props.runs.grantList(role);
    this.#grantMaps(role);
    Validations.of(role).acknowledge(
      {
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: 'Delivery of logs (vended log groups) and traces have no resources to name.',
      },
      ...this.#children.map((children) => ({
        id: `AwsSolutions-IAM5[Resource::${children}]`,
        reason: 'Executions are named after runs, and those of maps by Step Functions.',
      })),
    );
  }

  /** Lets `grantee` start, watch and stop runs. */
  grantRun(grantee: IGrantable & IConstruct): void {
    allow(grantee, ['states:StartExecution'], [this.#arn('stateMachine')]);
    const executions = this.#arn('execution', ':*');
    allow(grantee, ['states:DescribeExecution', 'states:StopExecution'], [executions]);
    Validations.of(grantee).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${executions}]`,
      reason: 'Executions are named after runs.',
    });
  }

  get #name(): string {
    return `${this.#config.name}-recovery`;
  }

  /** By its name, as the role's policy is there before the machine is. */
  #arn(kind: 'stateMachine' | 'execution', suffix = ''): string {
    const { partition, region, account } = Stack.of(this);
    return `arn:${partition}:states:${region}:${account}:${kind}:${this.#name}${suffix}`;
  }

  get #children(): readonly string[] {
    return [':*', ...MAP_LABELS.map((label) => `/${label}:*`)].map((suffix) =>
      this.#arn('execution', suffix),
    );
  }

  /** Step Functions guide, "IAM policies for using Distributed Map states": children are started in the machine's name. */
  #grantMaps(role: IGrantable): void {
    const [all, ...labelled] = this.#children as [string, ...string[]];
    allow(role, ['states:StartExecution'], [this.#arn('stateMachine')]);
    allow(role, ['states:DescribeExecution', 'states:StopExecution'], [all]);
    allow(role, ['states:RedriveExecution'], labelled);
  }

  #addLogGroup({ config, logKey }: RecoveryMachineProps): LogGroup {
    return new LogGroup(this, 'Logs', {
      // The prefix that keeps the account's resource policy for logs from growing with each machine.
      logGroupName: `/aws/vendedlogs/states/${this.#name}`,
      retention: config.logRetentionDays,
      encryptionKey: logKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }
}
