import { setTimeout as wait } from 'node:timers/promises';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { seconds } from '../../cli/platform/output.ts';

const POLL_MS = 300;
/** Without a step forward for so long, something is broken. */
const STUCK_MS = 120_000;

/**
 * Waits until the queue of webhooks is empty: what was on it is then in the log.
 * @throws Error where the queue stands still
 */
export async function waitUntilNormalised(sqs: SQSClient, queueUrl: string): Promise<void> {
  let moved = { at: Date.now(), waiting: -1 };
  for (;;) {
    const waiting = await countWaiting(sqs, queueUrl);
    if (waiting === 0) return;
    if (waiting !== moved.waiting) moved = { at: Date.now(), waiting };
    if (Date.now() - moved.at > STUCK_MS) {
      throw new Error(
        `${waiting} webhooks have waited for ${seconds(STUCK_MS)}; the log of the normalise function says why`,
      );
    }
    await wait(POLL_MS);
  }
}

/** Those that a function has in hand count as well. */
async function countWaiting(sqs: SQSClient, QueueUrl: string): Promise<number> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }),
  );
  return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
}
