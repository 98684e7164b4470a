import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ConcludeEnv } from '../../lambdas/conclude/env.ts';
import type { AuditBucket } from './audit-bucket.ts';
import type { DurableTable } from './durable-table.ts';
import type { RunsBucket } from './runs-bucket.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface ConcludeProps extends RoomProps {
  readonly control: DurableTable;
  readonly runs: RunsBucket;
  readonly audit: AuditBucket;
}

/** Adds up what a run's workers found, and closes the run. */
export class Conclude extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: ConcludeProps) {
    super(scope, id);
    const { control, runs, audit } = props;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'conclude',
      description: 'Adds up what a recovery run came to, and closes it',
      memorySize: 512,
      // Thousands of small result files.
      timeout: Duration.minutes(5),
      environment: {
        CONTROL_TABLE: control.table.tableName,
        RUNS_BUCKET: runs.bucket.bucketName,
        AUDIT_BUCKET: audit.bucket.bucketName,
      } satisfies ConcludeEnv,
    });
    control.grant(this.handler, ['dynamodb:GetItem', 'dynamodb:UpdateItem'], ['RUNS']);
    runs.grantReadWrite(this.handler);
    audit.grantAppend(this.handler, 'audit');
  }
}
