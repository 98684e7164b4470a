import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ArchiveEnv } from '../../lambdas/archive/env.ts';
import type { ArchiveBucket } from './archive-bucket.ts';
import type { DurableTable } from './durable-table.ts';
import type { EventLog } from './event-log.ts';
import { LogConsumer } from './log-consumer.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface ArchiveProps extends RoomProps {
  readonly log: EventLog;
  readonly control: DurableTable;
  readonly bucket: ArchiveBucket;
}

/** Keeps everything that the log carries, in an unbroken chain of objects. */
export class Archive extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: ArchiveProps) {
    super(scope, id);
    const { config, log, control, bucket } = props;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'archive',
      description: 'Keeps the records of the log in the archive, and chains them in its manifest',
      // A batch of 6 MB is here in base64, as text and compressed at once.
      memorySize: 512,
      timeout: Duration.minutes(5),
      environment: {
        CONTROL_TABLE: control.table.tableName,
        ARCHIVE_BUCKET: bucket.bucket.bucketName,
        STREAM_NAME: log.stream.streamName,
      } satisfies ArchiveEnv,
    });
    control.grant(this.handler, ['dynamodb:GetItem'], ['MANIFEST#*']);
    // A shard's first entry comes with its line in the list of shards.
    control.grant(this.handler, ['dynamodb:PutItem'], ['MANIFEST#*', 'MANIFESTS']);
    bucket.grantWrite(this.handler);
    log.grantListShards(this.handler);
    // It never gives up, nor splits a batch: the chain has no holes.
    new LogConsumer(this, 'Consumer', {
      log,
      handler: this.handler,
      window: Duration.seconds(config.archiveWindowSeconds),
    });
  }
}
