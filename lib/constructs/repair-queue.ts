import { Duration } from 'aws-cdk-lib';
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

/**
 * Times that a pointer is taken before SQS gives it to an operator: the most that SQS knows, as the archive may be behind
 * for days, and still before it would forget the pointer (1,000 times twelve minutes are eight days of fourteen).
 */
const MAX_RECEIVES = 1000;

/** Pointers (shard, sequence numbers) to what the projector's event source mapping gave up, and those that can't be healed. */
export class RepairQueue extends Construct {
  readonly queue: Queue;
  /** What an operator has to look at. */
  readonly deadLetters: Queue;
  readonly #key: IKey;

  constructor(scope: Construct, id: string, { config, key }: RepairQueueProps) {
    super(scope, id);
    this.#key = key;
    const shared = {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: dataRemoval(config),
    };
    this.deadLetters = new Queue(this, 'DeadLetters', { ...shared, queueName: `${config.name}-repair-dead` });
    this.queue = new Queue(this, 'Queue', {
      ...shared,
      queueName: `${config.name}-repair`,
      visibilityTimeout: Duration.seconds(config.repairRetrySeconds),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
  }

  /** Lets an event source mapping send pointers in the name of its function. */
  grantSend(grantee: IGrantable): void {
    this.#grantSend(grantee, this.queue);
  }

  /** Lets `grantee` give up a pointer. */
  grantSendDead(grantee: IGrantable): void {
    this.#grantSend(grantee, this.deadLetters);
  }

  /** What Lambda's poller does in the function's name, from the AWS Lambda guide, "Using Lambda with Amazon SQS". */
  grantConsume(grantee: IGrantable): void {
    const actions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
    allow(grantee, actions, [this.queue.queueArn]);
    allowKeyThrough('sqs', this.#key, grantee, ['kms:Decrypt']);
  }

  /** Lets `grantee` see how many pointers wait in these queues. @default - both */
  grantCount(grantee: IGrantable, queues: readonly Queue[] = [this.queue, this.deadLetters]): void {
    allow(
      grantee,
      ['sqs:GetQueueAttributes'],
      queues.map(({ queueArn }) => queueArn),
    );
  }

  #grantSend(grantee: IGrantable, queue: Queue): void {
    allow(grantee, ['sqs:SendMessage'], [queue.queueArn]);
    allowKeyThrough('sqs', this.#key, grantee, ['kms:Decrypt', 'kms:GenerateDataKey']);
  }
}
