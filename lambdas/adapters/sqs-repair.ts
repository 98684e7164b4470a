import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { RepairDeadLetters } from '../domain/recovery/resend-ports.ts';

/** SQS forbids empty values of attributes, and control characters in them. */
const MAX_REASON = 1_000;

/** The queue of pointers that an operator has to see to. Each is there as it was, so that it can be sent back as it is. */
export class SqsRepairDeadLetters implements RepairDeadLetters {
  readonly #client: Pick<SQSClient, 'send'>;
  readonly #queueUrl: string;

  constructor(client: Pick<SQSClient, 'send'>, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async send(body: string, messageId: string, reason: string): Promise<void> {
    const text = (value: string) => ({ DataType: 'String', StringValue: value });
    const { MessageId } = await this.#client.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageBody: body,
        MessageAttributes: {
          reason: text(reason.replace(/\p{Cc}/gu, ' ').slice(0, MAX_REASON)),
          messageId: text(messageId),
        },
      }),
    );
    if (!MessageId) throw new Error('SQS answered without a message id');
  }
}
