import {
  ListMessageMoveTasksCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import type { LetterMove, LetterMover } from '../domain/recovery/resend-ports.ts';

/** SQS moves the dead letters itself: each goes back to the queue that it came from. */
export class SqsLetterMover implements LetterMover {
  readonly #client: Pick<SQSClient, 'send'>;
  readonly #sourceArn: string;

  constructor(client: Pick<SQSClient, 'send'>, deadLettersArn: string) {
    this.#client = client;
    this.#sourceArn = deadLettersArn;
  }

  async start(perSecond: number): Promise<void> {
    await this.#client.send(
      new StartMessageMoveTaskCommand({
        SourceArn: this.#sourceArn,
        MaxNumberOfMessagesPerSecond: perSecond,
      }),
    );
  }

  async latest(): Promise<LetterMove | undefined> {
    const { Results = [] } = await this.#client.send(
      new ListMessageMoveTasksCommand({ SourceArn: this.#sourceArn, MaxResults: 1 }),
    );
    const [task] = Results;
    return (
      task && {
        running: task.Status === 'RUNNING' || task.Status === 'CANCELLING',
        startedMs: task.StartedTimestamp ?? 0,
        moved: task.ApproximateNumberOfMessagesMoved ?? 0,
        ...(task.Status === 'FAILED' && {
          failed: task.FailureReason ?? 'for a reason that it does not give',
        }),
      }
    );
  }
}
