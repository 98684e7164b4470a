import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ResendEnv } from '../../lambdas/resend/env.ts';
import type { ArchiveBucket } from './archive-bucket.ts';
import type { DurableTable } from './durable-table.ts';
import type { EventLog } from './event-log.ts';
import type { RunsBucket } from './runs-bucket.ts';
import type { WebhookQueue } from './webhook-queue.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface ResendProps extends RoomProps {
  readonly log: EventLog;
  readonly control: DurableTable;
  readonly bucket: ArchiveBucket;
  readonly runs: RunsBucket;
  readonly webhooks: WebhookQueue;
}

/** Sends archived or quarantined events into the log again, at a pace that live traffic does not feel. */
export class Resend extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: ResendProps) {
    super(scope, id);
    const { config, log, control, bucket, runs, webhooks } = props;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'resend',
      description: 'Sends a batch of archived events into the log again, at a pace',
      // One object inflated at a time; it waits more than it works.
      memorySize: 512,
      timeout: Duration.minutes(15),
      environment: {
        CONTROL_TABLE: control.table.tableName,
        STREAM_NAME: log.stream.streamName,
        ARCHIVE_BUCKET: bucket.bucket.bucketName,
        RUNS_BUCKET: runs.bucket.bucketName,
        WEBHOOK_QUEUE_URL: webhooks.queue.queueUrl,
        WEBHOOK_DEAD_LETTERS_ARN: webhooks.deadLetters.queueArn,
        CONCURRENCY: String(config.recoveryConcurrency),
        BUILD: props.assets.build('resend'),
      } satisfies ResendEnv,
    });
    control.grant(this.handler, ['dynamodb:GetItem'], ['RUNS', 'MANIFEST#*']);
    control.grant(this.handler, ['dynamodb:Query'], ['PROGRESS#project']);
    // Who looks at a cause sees that it was redriven.
    control.grant(this.handler, ['dynamodb:UpdateItem'], ['QUARANTINE#*']);
    log.grantListShards(this.handler);
    log.grantPublish(this.handler);
    bucket.grantRead(this.handler);
    runs.grantReadWrite(this.handler);
    webhooks.grantMoveBack(this.handler);
  }
}
