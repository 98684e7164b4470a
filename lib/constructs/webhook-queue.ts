import { Duration } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import { allow, allowKeyThrough } from './grants.ts';
import { dataRemoval } from './lifetime.ts';

export interface WebhookQueueProps {
  readonly config: WeirConfig;
  readonly key: IKey;
}

/** How long `normalise` may take for a batch. */
export const NORMALISE_TIMEOUT = Duration.seconds(30);
/** Times that a delivery is tried before it becomes a dead letter. */
const MAX_RECEIVES = 5;

/** Verified deliveries on their way to `normalise`, and those that it gave up. */
export class WebhookQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly #key: IKey;

  constructor(scope: Construct, id: string, { config, key }: WebhookQueueProps) {
    super(scope, id);
    this.#key = key;
    const shared = {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      // A message is asked for its key all the time: once in five minutes is enough.
      dataKeyReuse: Duration.minutes(5),
      enforceSSL: true,
      // SQS counts a message's age from when it was first sent, in the dead letter queue too.
      retentionPeriod: Duration.days(14),
      removalPolicy: dataRemoval(config),
    };
    this.deadLetters = new Queue(this, 'DeadLetters', {
      ...shared,
      queueName: `${config.name}-webhooks-dead`,
    });
    this.queue = new Queue(this, 'Queue', {
      ...shared,
      queueName: `${config.name}-webhooks`,
      // AWS Lambda guide, "Creating and configuring an Amazon SQS event source mapping": six times the function's.
      visibilityTimeout: Duration.seconds(NORMALISE_TIMEOUT.toSeconds() * 6),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
  }

  /** Lets `grantee` put deliveries on the queue. */
  grantSend(grantee: IGrantable): void {
    allow(grantee, ['sqs:SendMessage'], [this.queue.queueArn]);
    allowKeyThrough('sqs', this.#key, grantee, ['kms:Decrypt', 'kms:GenerateDataKey']);
  }

  /** What Lambda's poller does in the function's name, from the AWS Lambda guide, "Using Lambda with Amazon SQS". */
  grantPoll(grantee: IGrantable): void {
    const actions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
    allow(grantee, actions, [this.queue.queueArn]);
    allowKeyThrough('sqs', this.#key, grantee, ['kms:Decrypt']);
  }

  /** Lets `grantee` take dead letters away, or give them back. */
  grantSweep(grantee: IGrantable): void {
    const actions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'];
    allow(grantee, actions, [this.deadLetters.queueArn]);
    allowKeyThrough('sqs', this.#key, grantee, ['kms:Decrypt']);
  }

  /** Lets `grantee` have SQS move dead letters back to the queue, in its name. */
  grantMoveBack(grantee: IGrantable): void {
    const actions = [
      'StartMessageMoveTask',
      'ListMessageMoveTasks',
      'ReceiveMessage',
      'DeleteMessage',
      'GetQueueAttributes',
    ];
    allow(
      grantee,
      actions.map((action) => `sqs:${action}`),
      [this.deadLetters.queueArn],
    );
    this.grantSend(grantee);
  }
}
