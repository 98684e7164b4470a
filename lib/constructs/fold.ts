import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { FoldEnv } from '../../lambdas/fold/env.ts';
import type { ArchiveBucket } from './archive-bucket.ts';
import type { DurableTable } from './durable-table.ts';
import type { EventLog } from './event-log.ts';
import type { RunsBucket } from './runs-bucket.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface FoldProps extends RoomProps {
  readonly log: EventLog;
  readonly state: DurableTable;
  readonly control: DurableTable;
  readonly bucket: ArchiveBucket;
  readonly runs: RunsBucket;
}

/** Folds one partition's buckets from the archive, and compares, rewrites or certifies them. */
export class Fold extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: FoldProps) {
    super(scope, id);
    const { log, state, control, bucket, runs } = props;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'fold',
      description: 'Folds a partition of buckets from the archive, and compares or rewrites them',
      // A partition has some 200,000 events, and one bucket's may not be shared: there is room for the largest.
      memorySize: 2048,
      timeout: Duration.minutes(15),
      environment: {
        STATE_TABLE: state.table.tableName,
        CONTROL_TABLE: control.table.tableName,
        STREAM_NAME: log.stream.streamName,
        ARCHIVE_BUCKET: bucket.bucket.bucketName,
        RUNS_BUCKET: runs.bucket.bucketName,
        BUILD: props.assets.build('fold'),
      } satisfies FoldEnv,
    });
    state.grant(this.handler, [
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
    ]);
    control.grant(this.handler, ['dynamodb:GetItem'], ['RUNS', 'MANIFEST#*']);
    // For the second look: what was archived since the run was planned.
    control.grant(this.handler, ['dynamodb:Query'], ['MANIFESTS', 'MANIFEST#*']);
    log.grantListShards(this.handler);
    log.grantPublish(this.handler);
    bucket.grantRead(this.handler);
    runs.grantReadWrite(this.handler);
  }
}
