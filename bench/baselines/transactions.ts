import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TransactionCanceledException, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import { MARKERS, USAGE } from '../tables.ts';
import { type Approach, bucketOf, bytesOf, identityOf, inParallel } from './counter.ts';

const WIDTH = 16;
const TRIES = 8;
const FIRST_WAIT_MS = 20;
const KEPT_SECONDS = 35 * 86_400;

/**
 * Exact, event by event: a marker of the event and the bucket's update in one TransactWriteItems. Buckets go side by
 * side and the events of one bucket after each other, as transactions on one item collide.
 */
export const transactions: Approach = {
  name: 'marker and update in a transaction',
  countsIn: USAGE.name,
  start(client) {
    return async (events) => {
      const buckets = Map.groupBy(events, (event) => JSON.stringify(bucketOf(event)));
      await inParallel([...buckets.values()], WIDTH, async (group) => {
        for (const event of group) await countOnce(client, event);
      });
    };
  },
};

async function countOnce(client: DynamoDBClient, event: CloudEvent): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await client.send(transactionFor(event));
      return;
    } catch (error) {
      const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
      if (reasons.some(({ Code }) => Code === 'ConditionalCheckFailed')) return;
      if (attempt >= TRIES || !reasons.some(({ Code }) => Code === 'TransactionConflict')) throw error;
      await sleep(FIRST_WAIT_MS * 2 ** attempt);
    }
  }
}

function transactionFor(event: CloudEvent): TransactWriteItemsCommand {
  const { pk, sk } = bucketOf(event);
  const expires = Math.floor(Date.parse(event.time!) / 1000) + KEPT_SECONDS;
  return new TransactWriteItemsCommand({
    TransactItems: [
      {
        Put: {
          TableName: MARKERS.name,
          Item: { id: { S: identityOf(event) }, expires: { N: String(expires) } },
          ConditionExpression: 'attribute_not_exists(id)',
        },
      },
      {
        Update: {
          TableName: USAGE.name,
          Key: { pk: { S: pk }, sk: { S: sk } },
          UpdateExpression: 'ADD n :one, #bytes :bytes',
          ExpressionAttributeNames: { '#bytes': 'bytes' },
          ExpressionAttributeValues: { ':one': { N: '1' }, ':bytes': { N: String(bytesOf(event)) } },
        },
      },
    ],
  });
}
