import { GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { countMessages } from './check-recovery.ts';
import { bad, type Finding, good } from './finding.ts';

/** Whether deliveries of webhooks were given up. */
export async function checkDeadLetters(sqs: Pick<SQSClient, 'send'>, name: string): Promise<Finding> {
  const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: `${name}-webhooks-dead` }));
  const dead = await countMessages(sqs, QueueUrl);
  return dead === 0
    ? good('letters', 'no delivery was given up')
    : bad('letters', `${dead} deliveries were given up`, 'docs/runbook.md, "Webhook dead letters".');
}
