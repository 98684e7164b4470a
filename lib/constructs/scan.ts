import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ScanEnv } from '../../lambdas/scan/env.ts';
import type { ArchiveBucket } from './archive-bucket.ts';
import type { DurableTable } from './durable-table.ts';
import type { RunsBucket } from './runs-bucket.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface ScanProps extends RoomProps {
  readonly state: DurableTable;
  readonly control: DurableTable;
  readonly bucket: ArchiveBucket;
  readonly runs: RunsBucket;
}

/** Reads archive objects, checks them against the manifest, and shares what is in them among partitions. */
export class Scan extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: ScanProps) {
    super(scope, id);
    const { config, state, control, bucket, runs } = props;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'scan',
      description: 'Reads and checks a batch of archive objects, and shares their events among partitions',
      // One object inflated, and 32 MB of lines that wait to be written, as text and compressed.
      memorySize: 1024,
      timeout: Duration.minutes(10),
      environment: {
        STATE_TABLE: state.table.tableName,
        CONTROL_TABLE: control.table.tableName,
        ARCHIVE_BUCKET: bucket.bucket.bucketName,
        RUNS_BUCKET: runs.bucket.bucketName,
        RETENTION_DAYS: String(config.archiveRetentionDays ?? Number.POSITIVE_INFINITY),
      } satisfies ScanEnv,
    });
    control.grant(this.handler, ['dynamodb:GetItem'], ['RUNS', 'MANIFEST#*']);
    state.grantQueryIndex(this.handler);
    bucket.grantRead(this.handler);
    runs.grantReadWrite(this.handler);
  }
}
