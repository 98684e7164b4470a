import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { USAGE } from '../tables.ts';
import { type Approach, bucketOf, bytesOf, inParallel } from './counter.ts';

const WIDTH = 16;

/**
 * The floor: a batch's events are added up by bucket and each bucket gets one UpdateItem with ADD. Nothing remembers
 * what was counted, so duplicates and repeated batches count again.
 */
export const groupedUpdates: Approach = {
  name: 'grouped updates, no deduplication',
  countsIn: USAGE.name,
  start(client) {
    return async (events) => {
      const buckets = Map.groupBy(events, (event) => JSON.stringify(bucketOf(event)));
      await inParallel([...buckets.values()], WIDTH, async (group) => {
        const { pk, sk } = bucketOf(group[0]!);
        // Decimals are added up in tenths, which are exact here.
        const tenths = group.reduce((sum, event) => sum + Math.round(bytesOf(event) * 10), 0);
        await client.send(
          new UpdateItemCommand({
            TableName: USAGE.name,
            Key: { pk: { S: pk }, sk: { S: sk } },
            UpdateExpression: 'ADD n :n, #bytes :bytes',
            ExpressionAttributeNames: { '#bytes': 'bytes' },
            ExpressionAttributeValues: {
              ':n': { N: String(group.length) },
              ':bytes': { N: String(tenths / 10) },
            },
          }),
        );
      });
    };
  },
};
