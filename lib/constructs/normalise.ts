import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { NormaliseEnv } from '../../lambdas/normalise/env.ts';
import type { ArchiveBucket } from './archive-bucket.ts';
import type { DeliveriesTable } from './deliveries-table.ts';
import type { DurableTable } from './durable-table.ts';
import type { EventLog } from './event-log.ts';
import { NORMALISE_TIMEOUT, type WebhookQueue } from './webhook-queue.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface NormaliseProps extends RoomProps {
  readonly log: EventLog;
  readonly control: DurableTable;
  readonly deliveries: DeliveriesTable;
  readonly webhooks: WebhookQueue;
  readonly bucket: ArchiveBucket;
}

/** Makes webhooks events like all others, and writes them to the log. */
export class Normalise extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: NormaliseProps) {
    super(scope, id);
    const { log, control, deliveries, webhooks, bucket } = props;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'normalise',
      description: 'Makes webhooks events, and writes them to the log',
      // Ten bodies of 4 MiB may be here at once, as bytes and as JSON.
      memorySize: 1024,
      timeout: NORMALISE_TIMEOUT,
      environment: {
        STREAM_NAME: log.stream.streamName,
        CONTROL_TABLE: control.table.tableName,
        DELIVERIES_TABLE: deliveries.table.tableName,
        BODY_BUCKET: bucket.bucket.bucketName,
        BUILD: props.assets.build('normalise'),
      } satisfies NormaliseEnv,
    });
    log.grantPublish(this.handler);
    control.grant(this.handler, ['dynamodb:GetItem'], ['ENDPOINT#*']);
    control.grant(this.handler, ['dynamodb:UpdateItem'], ['FINGERPRINTS#*']);
    deliveries.grantFix(this.handler);
    bucket.grantReadBodies(this.handler);
    webhooks.grantPoll(this.handler);
    new EventSourceMapping(this, 'Mapping', {
      target: this.handler.live,
      eventSourceArn: webhooks.queue.queueArn,
      batchSize: 10,
      reportBatchItemFailures: true,
    });
  }
}
