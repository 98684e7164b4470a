import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { PlanEnv } from '../../lambdas/plan/env.ts';
import type { ArchiveBucket } from './archive-bucket.ts';
import type { AuditBucket } from './audit-bucket.ts';
import type { DurableTable } from './durable-table.ts';
import type { EventLog } from './event-log.ts';
import type { RepairQueue } from './repair-queue.ts';
import type { RunsBucket } from './runs-bucket.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface PlanProps extends RoomProps {
  readonly log: EventLog;
  readonly control: DurableTable;
  readonly bucket: ArchiveBucket;
  readonly runs: RunsBucket;
  readonly audit: AuditBucket;
  readonly repair: RepairQueue;
}

/** Says when a run may begin, what it has to read, and in which parts. */
export class Plan extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: PlanProps) {
    super(scope, id);
    const { config, log, control, bucket, runs, audit, repair } = props;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'plan',
      description: 'Plans a recovery run: when it may begin, what it reads, and in which parts',
      // All manifest entries that a run selects are here at once; verify walks through those of whole chains.
      memorySize: 1024,
      // A million manifest entries are a thousand queries.
      timeout: Duration.minutes(15),
      environment: {
        CONTROL_TABLE: control.table.tableName,
        STREAM_NAME: log.stream.streamName,
        ARCHIVE_BUCKET: bucket.bucket.bucketName,
        RUNS_BUCKET: runs.bucket.bucketName,
        AUDIT_BUCKET: audit.bucket.bucketName,
        REPAIR_QUEUE_URL: repair.queue.queueUrl,
        CONCURRENCY: String(config.recoveryConcurrency),
        DEEP_AFTER_DAYS: String(config.archiveTiers.deepAfterDays),
        RETENTION_DAYS: String(config.archiveRetentionDays ?? Number.POSITIVE_INFINITY),
        BUILD: props.assets.build('plan'),
      } satisfies PlanEnv,
    });
    control.grant(this.handler, ['dynamodb:GetItem'], ['RUNS', 'MANIFEST#*']);
    control.grant(this.handler, ['dynamodb:UpdateItem'], ['RUNS']);
    const queried = ['MANIFESTS', 'MANIFEST#*', 'PROGRESS#project', 'TENANTS'];
    control.grant(this.handler, ['dynamodb:Query'], queried);
    log.grantListShards(this.handler);
    log.grantPublish(this.handler);
    bucket.grantRead(this.handler);
    bucket.grantRestore(this.handler);
    runs.grantReadWrite(this.handler);
    audit.grantReadAnchors(this.handler);
    repair.grantCount(this.handler, [repair.queue]);
  }
}
