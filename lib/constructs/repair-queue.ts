import { Duration, Validations } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import { allow, allowKeyThrough } from './grants.ts';
import { dataRemoval } from './lifetime.ts';

export interface RepairQueueProps {
  readonly config: WeirConfig;
  readonly key: IKey;
}

/** Pointers (shard, sequence numbers) to what the projector's event source mapping gave up. */
export class RepairQueue extends Construct {
  readonly queue: Queue;
  readonly #key: IKey;

  constructor(scope: Construct, id: string, { config, key }: RepairQueueProps) {
    super(scope, id);
    this.#key = key;
    this.queue = new Queue(this, 'Queue', {
      queueName: `${config.name}-repair`,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: dataRemoval(config),
    });
    Validations.of(this.queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: "It is itself where the projector's mapping sends what failed.",
    });
  }

  /** Lets an event source mapping send pointers in the name of its function. */
  grantSend(grantee: IGrantable): void {
    allow(grantee, ['sqs:SendMessage'], [this.queue.queueArn]);
    allowKeyThrough('sqs', this.#key, grantee, ['kms:Decrypt', 'kms:GenerateDataKey']);
  }

  /** Lets `grantee` see how many pointers wait. */
  grantCount(grantee: IGrantable): void {
    allow(grantee, ['sqs:GetQueueAttributes'], [this.queue.queueArn]);
  }
}
