import { expect, it } from 'vitest';
import { type LogClients, readLogProgress } from '../../cli/platform/log-progress.ts';

it('P3: repairs are counted after the marks are read, so that none is missed that a mark has passed', async () => {
  let pending = 0;
  const clients = {
    kinesis: {
      send: async () => ({
        Shards: [{ ShardId: 'a', SequenceNumberRange: {}, HashKeyRange: { StartingHashKey: '0' } }],
      }),
    },
    dynamo: {
      send: async (command: object) => {
        if (command.constructor.name !== 'QueryCommand') return {};
        await new Promise((resolve) => setImmediate(resolve));
        // Just before the mark is noted, the projector gives a range up.
        pending = 1;
        return { Items: [{ sk: { S: 'a' }, mark: { S: '2026-11-21T07:00:00.000Z' } }] };
      },
    },
    sqs: {
      send: async ({ input }: { input: { QueueUrl: string } }) => ({
        Attributes: { ApproximateNumberOfMessages: input.QueueUrl === 'dead' ? '2' : String(pending) },
      }),
    },
  } as unknown as LogClients;
  const outputs = { stream: 's', controlTable: 't', repairQueueUrl: 'q', repairDeadQueueUrl: 'dead' };
  expect(await readLogProgress(clients, outputs)).toEqual({
    projected: '2026-11-21T07:00:00.000Z',
    archived: undefined,
    // With those that wait for an operator.
    pendingRepairs: 3,
  });
});
