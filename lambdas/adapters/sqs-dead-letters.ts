import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { DeadLetter, DeadLetters } from '../domain/webhooks/dead-letters.ts';

/** Most that SQS gives at once. */
const MAX_MESSAGES = 10;
/** How long what was taken stays hidden, in seconds: longer than the sweep runs. */
const TAKEN_SECONDS = 300;

/** A dead letter queue on SQS. */
export class SqsDeadLetters implements DeadLetters {
  readonly #client: Pick<SQSClient, 'send'>;
  readonly #queueUrl: string;

  constructor(client: Pick<SQSClient, 'send'>, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async take(): Promise<readonly DeadLetter[]> {
    const { Messages = [] } = await this.#client.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#queueUrl,
        MaxNumberOfMessages: MAX_MESSAGES,
        VisibilityTimeout: TAKEN_SECONDS,
        // Long polling asks all of the queue's servers, so that none is passed over.
        WaitTimeSeconds: 1,
        MessageSystemAttributeNames: ['SentTimestamp'],
      }),
    );
    return Messages.map(({ Body = '', MessageId = '', ReceiptHandle = '', Attributes }) => ({
      text: Body,
      id: MessageId,
      sentMs: Number(Attributes?.SentTimestamp ?? 0),
      handle: ReceiptHandle,
    }));
  }

  async remove(letters: readonly DeadLetter[]): Promise<void> {
    for (const Entries of batches(letters))
      await this.#client.send(new DeleteMessageBatchCommand({ QueueUrl: this.#queueUrl, Entries }));
  }

  async release(letters: readonly DeadLetter[]): Promise<void> {
    for (const batch of batches(letters)) {
      const Entries = batch.map((entry) => ({ ...entry, VisibilityTimeout: 0 }));
      await this.#client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.#queueUrl, Entries }));
    }
  }
}

function batches(letters: readonly DeadLetter[]) {
  const entries = letters.map(({ handle }, at) => ({ Id: String(at), ReceiptHandle: handle }));
  return Array.from({ length: Math.ceil(entries.length / MAX_MESSAGES) }, (_, at) =>
    entries.slice(at * MAX_MESSAGES, (at + 1) * MAX_MESSAGES),
  );
}
