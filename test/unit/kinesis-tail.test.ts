import {
  type GetRecordsCommand,
  GetShardIteratorCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { KinesisTail } from '../../lambdas/adapters/kinesis-tail.ts';

/** A shard that hands out its records two at a time. */
function shardOf(count: number) {
  const asked: object[] = [];
  let pauses = 0;
  const send = async (command: GetRecordsCommand | GetShardIteratorCommand) => {
    if (command instanceof GetShardIteratorCommand) {
      asked.push(command.input);
      return { ShardIterator: '0' };
    }
    const from = Number(command.input.ShardIterator);
    const Records = [from, from + 1]
      .filter((n) => n < count)
      .map((n) => ({
        SequenceNumber: String(n),
        ApproximateArrivalTimestamp: new Date(n),
        Data: Buffer.from([n]),
      }));
    return { Records, NextShardIterator: String(from + 2), MillisBehindLatest: from + 2 >= count ? 0 : 1000 };
  };
  const tail = new KinesisTail({ send } as never, 'log', async () => {
    pauses++;
  });
  return { tail, asked, pauses: () => pauses };
}

describe('the log’s end', () => {
  it('is read after a sequence number, to the latest record, with pauses', async () => {
    const { tail, asked, pauses } = shardOf(5);
    const { records, whole } = await tail.after('shardId-0', '42');
    expect(records.map(({ sequence, arrivedMs, data }) => [sequence, arrivedMs, data[0]])).toEqual([
      ['0', 0, 0],
      ['1', 1, 1],
      ['2', 2, 2],
      ['3', 3, 3],
      ['4', 4, 4],
    ]);
    expect([whole, pauses()]).toEqual([true, 2]);
    expect(asked).toEqual([
      {
        ...{ StreamName: 'log', ShardId: 'shardId-0' },
        ...{ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: '42' },
      },
    ]);
  });

  it('is read from the shard’s beginning where nothing is archived', async () => {
    const { tail, asked } = shardOf(0);
    expect(await tail.after('shardId-0', undefined)).toEqual({ records: [], whole: true });
    expect(asked).toMatchObject([{ ShardIteratorType: 'TRIM_HORIZON' }]);
  });

  it('is left after ten calls, and said to be a part', async () => {
    const { records, whole } = await shardOf(100).tail.after('shardId-0', undefined);
    expect([records.length, whole]).toEqual([20, false]);
  });

  it('is nothing of a shard that the log has forgotten', async () => {
    const send = () => Promise.reject(new ResourceNotFoundException({ message: 'gone', $metadata: {} }));
    const tail = new KinesisTail({ send } as never, 'log', async () => {});
    expect(await tail.after('shardId-0', '1')).toEqual({ records: [], whole: true });
  });
});
