import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoManifest } from '../../lambdas/adapters/dynamo-manifest.ts';
import { KinesisShards } from '../../lambdas/adapters/kinesis-shards.ts';
import { ShardProgress } from '../../lambdas/adapters/shard-progress.ts';
import { asOf } from '../../lambdas/domain/as-of.ts';
import type { StackOutputs } from './stack-outputs.ts';

export interface LogClients {
  readonly dynamo: DynamoDBClient;
  readonly kinesis: KinesisClient;
  readonly sqs: SQSClient;
}

/** How far the log's consumers have come: all that was acknowledged before these moments (RFC 3339, ms). */
export interface LogProgress {
  /** Undefined where a shard has passed no mark yet. */
  readonly projected: string | undefined;
  readonly archived: string | undefined;
  /** Ranges of the log that the projector gave up and that are not repaired; SQS's count, which may lag behind by about a minute. */
  readonly pendingRepairs: number;
}

/** Reads how far projector and archive have come, over all open shards. */
export async function readLogProgress(
  { dynamo, kinesis, sqs }: LogClients,
  {
    stream,
    controlTable,
    repairQueueUrl,
    repairDeadQueueUrl,
  }: Pick<StackOutputs, 'stream' | 'controlTable' | 'repairQueueUrl' | 'repairDeadQueueUrl'>,
): Promise<LogProgress> {
  const listed = new Date().toISOString();
  const log = new KinesisShards(kinesis, stream);
  const projector = new ShardProgress({
    dynamo,
    controlTable,
    sqs,
    repairQueueUrls: [repairQueueUrl, repairDeadQueueUrl],
    shards: log,
  });
  const manifest = new DynamoManifest(dynamo, controlTable);
  const shards = await log.list();
  const [projected, heads] = await Promise.all([
    projector.marks(),
    Promise.all(shards.map(({ shardId }) => manifest.head(shardId))),
  ]);
  // After the marks: what was given up before a mark is in the queue before the mark is noted.
  const pendingRepairs = await projector.pendingRepairs();
  const archived = new Map(
    heads.flatMap((head) => (head?.mark === undefined ? [] : [[head.shardId, head.mark]])),
  );
  return {
    projected: asOf(shards, projected, listed),
    archived: asOf(shards, archived, listed),
    pendingRepairs,
  };
}
