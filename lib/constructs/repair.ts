import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { RepairEnv } from '../../lambdas/repair/env.ts';
import type { ArchiveBucket } from './archive-bucket.ts';
import type { AuditBucket } from './audit-bucket.ts';
import type { DurableTable } from './durable-table.ts';
import type { EventLog } from './event-log.ts';
import type { RepairQueue } from './repair-queue.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface RepairProps extends RoomProps {
  readonly log: EventLog;
  readonly control: DurableTable;
  readonly bucket: ArchiveBucket;
  readonly audit: AuditBucket;
  readonly repair: RepairQueue;
}

/** AWS Lambda guide, "Creating and configuring an Amazon SQS event source mapping": a queue hides messages six times as long as its function may take. */
const VISIBILITY_TIMES = 6;

/** Heals what the projector's mapping gave up: sends it again from the archive. */
export class Repair extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: RepairProps) {
    super(scope, id);
    const { config, log, control, bucket, audit, repair } = props;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'repair',
      description: 'Sends what the projector gave up into the log again',
      // The objects of a pointer's range, one inflated at a time.
      memorySize: 512,
      timeout: Duration.seconds(Math.floor(config.repairRetrySeconds / VISIBILITY_TIMES)),
      environment: {
        CONTROL_TABLE: control.table.tableName,
        STREAM_NAME: log.stream.streamName,
        ARCHIVE_BUCKET: bucket.bucket.bucketName,
        AUDIT_BUCKET: audit.bucket.bucketName,
        REPAIR_DEAD_QUEUE_URL: repair.deadLetters.queueUrl,
        BUILD: props.assets.build('repair'),
      } satisfies RepairEnv,
    });
    control.grant(this.handler, ['dynamodb:GetItem'], ['MANIFEST#*', 'REPAIR#*']);
    control.grant(this.handler, ['dynamodb:PutItem'], ['REPAIR#*']);
    control.grant(this.handler, ['dynamodb:Query'], ['MANIFEST#*', 'PROGRESS#project']);
    log.grantListShards(this.handler);
    log.grantPublish(this.handler);
    bucket.grantRead(this.handler);
    audit.grantAppend(this.handler, 'audit');
    repair.grantConsume(this.handler);
    repair.grantSendDead(this.handler);
    new EventSourceMapping(this, 'Mapping', {
      target: this.handler.function,
      eventSourceArn: repair.queue.queueArn,
      // Each pointer may take the function's whole time, and must not wait for another's.
      batchSize: 1,
      reportBatchItemFailures: true,
    });
  }
}
