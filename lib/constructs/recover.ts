import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { RecoverEnv } from '../../lambdas/recover/env.ts';
import type { AuditBucket } from './audit-bucket.ts';
import type { DurableTable } from './durable-table.ts';
import type { RecoveryMachine } from './recovery-machine.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface RecoverProps extends RoomProps {
  readonly control: DurableTable;
  readonly audit: AuditBucket;
  readonly machine: RecoveryMachine;
}

/** What operators invoke: starts, resumes and cancels runs. */
export class Recover extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: RecoverProps) {
    super(scope, id);
    const { control, audit, machine } = props;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'recover',
      description: 'Starts, resumes and cancels recovery runs: test events show what it takes',
      timeout: Duration.seconds(30),
      environment: {
        CONTROL_TABLE: control.table.tableName,
        AUDIT_BUCKET: audit.bucket.bucketName,
        STATE_MACHINE_ARN: machine.machine.stateMachineArn,
      } satisfies RecoverEnv,
    });
    control.grant(this.handler, ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], ['RUNS']);
    audit.grantAppend(this.handler, 'audit');
    machine.grantRun(this.handler);
  }
}
