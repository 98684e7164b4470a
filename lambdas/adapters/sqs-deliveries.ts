import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DeliveryQueue, QueuedMessage } from '../domain/webhooks/queued.ts';

/** The queue of deliveries on SQS. A send that is repeated because its answer was lost makes a second message: harmless. */
export class SqsDeliveries implements DeliveryQueue {
  readonly #client: Pick<SQSClient, 'send'>;
  readonly #queueUrl: string;

  constructor(client: Pick<SQSClient, 'send'>, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async send(message: QueuedMessage): Promise<void> {
    const { MessageId } = await this.#client.send(
      new SendMessageCommand({ QueueUrl: this.#queueUrl, MessageBody: JSON.stringify(message) }),
    );
    // SQS has it durably once it gives it a name (P1).
    if (!MessageId) throw new Error('SQS answered without a message id');
  }
}
