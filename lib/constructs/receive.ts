import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ReceiveEnv } from '../../lambdas/receive/env.ts';
import type { ArchiveBucket } from './archive-bucket.ts';
import type { DurableTable } from './durable-table.ts';
import type { WebhookQueue } from './webhook-queue.ts';
import type { WebhookSecrets } from './webhook-secrets.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface ReceiveProps extends RoomProps {
  readonly control: DurableTable;
  readonly webhooks: WebhookQueue;
  readonly secrets: WebhookSecrets;
  readonly bucket: ArchiveBucket;
}

/** Takes webhooks in over HTTP, verifies them and puts them on the queue. */
export class Receive extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: ReceiveProps) {
    super(scope, id);
    const { control, webhooks, secrets, bucket } = props;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'receive',
      description: 'POST /v1/webhooks/{endpoint}: verifies deliveries and puts them on the queue',
      // A body of 4 MiB is here in base64 and as bytes, and its provider waits for the hash.
      memorySize: 512,
      // Ends before API Gateway's 29 seconds do, so that the sender gets our answer.
      timeout: Duration.seconds(25),
      environment: {
        CONTROL_TABLE: control.table.tableName,
        WEBHOOK_QUEUE_URL: webhooks.queue.queueUrl,
        BODY_BUCKET: bucket.bucket.bucketName,
      } satisfies ReceiveEnv,
    });
    control.grant(this.handler, ['dynamodb:GetItem'], ['ENDPOINT#*']);
    secrets.grantRead(this.handler);
    webhooks.grantSend(this.handler);
    bucket.grantPutBodies(this.handler);
  }
}
