import { expect, it } from 'vitest';
import { ShardProgress } from '../../lambdas/adapters/shard-progress.ts';
import { SqsLetterMover } from '../../lambdas/adapters/sqs-letter-mover.ts';
import { SqsRepairDeadLetters } from '../../lambdas/adapters/sqs-repair.ts';
import { describeRedrivenContract, describeRepairNotesContract } from '../contract/resend-stores.ts';
import { MemoryRedriven, MemoryRepairNotes } from '../support/memory-resend.ts';

// The fakes, held to the same contracts as the adapters in test/emulator/recovery/resend-adapters.test.ts.
describeRepairNotesContract('in memory', () => new MemoryRepairNotes());

describeRedrivenContract('in memory', () => {
  const store = new MemoryRedriven();
  return {
    store,
    addSample: async (tenant, fingerprint) => {
      store.samples.set(`${tenant} ${fingerprint}`, null);
    },
    read: async (tenant, fingerprint) => store.samples.get(`${tenant} ${fingerprint}`) ?? undefined,
  };
});

/** A client that notes what it was asked. */
function client(answer: object) {
  const asked: Record<string, unknown>[] = [];
  const send = async ({ input }: { input: Record<string, unknown> }) => {
    asked.push(input);
    return answer;
  };
  return { asked, client: { send } as never };
}

it('a pointer goes to the dead queue as it was, with a reason that SQS takes', async () => {
  const { asked, client: sqs } = client({ MessageId: 'm' });
  await new SqsRepairDeadLetters(sqs, 'dead').send('{"a":1}', 'id', `why\n${'x'.repeat(2_000)}`);
  expect(asked).toMatchObject([{ QueueUrl: 'dead', MessageBody: '{"a":1}' }]);
  const { reason } = asked[0]!.MessageAttributes as { reason: { StringValue: string } };
  expect(reason.StringValue).toMatch(/^why x{996}$/);
  const silent = client({});
  await expect(new SqsRepairDeadLetters(silent.client, 'dead').send('a', 'b', 'c')).rejects.toThrow();
});

it.each([
  [{}, undefined],
  [
    { Status: 'RUNNING', StartedTimestamp: 5, ApproximateNumberOfMessagesMoved: 2 },
    { running: true, startedMs: 5, moved: 2 },
  ],
  [
    { Status: 'FAILED', StartedTimestamp: 5, FailureReason: 'AccessDenied' },
    { running: false, startedMs: 5, moved: 0, failed: 'AccessDenied' },
  ],
])('a move that SQS says is %j', async (task, expected) => {
  const { asked, client: sqs } = client({ Results: 'Status' in task ? [task] : [] });
  const mover = new SqsLetterMover(sqs, 'arn');
  expect(await mover.latest()).toEqual(expected);
  await mover.start(12);
  expect(asked[1]).toEqual({ SourceArn: 'arn', MaxNumberOfMessagesPerSecond: 12 });
});

it('P3: what waits for an operator counts as not repaired', async () => {
  const sqs = {
    send: async ({ input }: { input: { QueueUrl: string } }) => ({
      Attributes: {
        ApproximateNumberOfMessages: input.QueueUrl === 'dead' ? '2' : '1',
        ApproximateNumberOfMessagesNotVisible: '10',
      },
    }),
  } as never;
  const never = { send: async () => ({}) } as never;
  const shards = { list: async () => [] };
  const repairQueueUrls = ['waiting', 'dead'];
  const progress = new ShardProgress({ dynamo: never, controlTable: 't', shards, sqs, repairQueueUrls });
  expect(await progress.pendingRepairs()).toBe(23);
});
