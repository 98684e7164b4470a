import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Shard, Shards } from '../domain/manifest.ts';
import type { ProjectorProgress } from '../domain/usage-reader.ts';
import { progressKey } from './dynamo-progress.ts';

export interface ShardProgressProps {
  readonly dynamo: Pick<DynamoDBClient, 'send'>;
  readonly controlTable: string;
  readonly shards: Shards;
  readonly sqs: Pick<SQSClient, 'send'>;
  /** Where pointers wait: for `repair`, and for an operator, as what those name is not counted either. */
  readonly repairQueueUrls: readonly string[];
}

const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/** The projector's progress, from the log's shards, its notes in the control table, and the queues of what it gave up. */
export class ShardProgress implements ProjectorProgress {
  readonly #props: ShardProgressProps;

  constructor(props: ShardProgressProps) {
    this.#props = props;
  }

  shards(): Promise<readonly Shard[]> {
    return this.#props.shards.list();
  }

  async marks(): Promise<ReadonlyMap<string, string>> {
    const marks = new Map<string, string>();
    let from: Record<string, AttributeValue> | undefined;
    do {
      const answer: QueryCommandOutput = await this.#props.dynamo.send(
        new QueryCommand({
          TableName: this.#props.controlTable,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: progressKey('project') } },
          ExclusiveStartKey: from,
        }),
      );
      for (const item of answer.Items ?? [])
        if (item.sk?.S && item.mark?.S) marks.set(item.sk.S, item.mark.S);
      from = answer.LastEvaluatedKey;
    } while (from);
    return marks;
  }

  async pendingRepairs(): Promise<number> {
    const waiting = await Promise.all(this.#props.repairQueueUrls.map((url) => this.#count(url)));
    return waiting.reduce((sum, count) => sum + count, 0);
  }

  async #count(QueueUrl: string): Promise<number> {
    const { Attributes } = await this.#props.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...COUNTS] }),
    );
    return COUNTS.reduce((sum, name) => sum + Number(Attributes?.[name] ?? 0), 0);
  }
}
