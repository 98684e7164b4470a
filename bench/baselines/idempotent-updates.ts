import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import { MARKERS, USAGE } from '../tables.ts';
import { type Approach, bucketOf, bytesOf, identityOf, inParallel } from './counter.ts';

const WIDTH = 32;
const KEPT_SECONDS = 35 * 86_400;

/**
 * Powertools Idempotency around an UpdateItem, as its guide has it for the records of a batch: keyed by the event's
 * identity and nothing else, a missing key is an error, records are kept as long as events may be late, and the
 * function's remaining time bounds how long a crashed attempt blocks the next.
 */
export const idempotentUpdates: Approach = {
  name: 'Powertools Idempotency around an update',
  countsIn: USAGE.name,
  start(client, lambda) {
    const config = new IdempotencyConfig({
      eventKeyJmesPath: '[source, id]',
      throwOnNoIdempotencyKey: true,
      expiresAfterSeconds: KEPT_SECONDS,
    });
    config.registerLambdaContext({ getRemainingTimeInMillis: () => lambda.remainingMs() } as Context);
    const persistenceStore = new DynamoDBPersistenceLayer({
      tableName: MARKERS.name,
      awsSdkV3Client: client,
    });
    const countOnce = makeIdempotent((event: CloudEvent) => addToBucket(client, event), {
      config,
      persistenceStore,
    });
    return (events) => {
      // Two of one key at once would have the second fail, and the batch come again for it.
      const byIdentity = Map.groupBy(events, identityOf);
      return inParallel([...byIdentity.values()], WIDTH, async (same) => {
        for (const event of same) await countOnce(event);
      });
    };
  },
};

async function addToBucket(client: DynamoDBClient, event: CloudEvent): Promise<void> {
  const { pk, sk } = bucketOf(event);
  await client.send(
    new UpdateItemCommand({
      TableName: USAGE.name,
      Key: { pk: { S: pk }, sk: { S: sk } },
      UpdateExpression: 'ADD n :one, #bytes :bytes',
      ExpressionAttributeNames: { '#bytes': 'bytes' },
      ExpressionAttributeValues: { ':one': { N: '1' }, ':bytes': { N: String(bytesOf(event)) } },
    }),
  );
}
