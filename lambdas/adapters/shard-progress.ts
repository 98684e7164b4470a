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

export interface ShardMarksProps {
  readonly dynamo: Pick<DynamoDBClient, 'send'>;
  readonly controlTable: string;
  readonly shards: Shards;
}

/** How far the projector has come, from the log's shards and its notes in the control table. */
export class ShardMarks implements Pick<ProjectorProgress, 'shards' | 'marks'> {
  readonly #props: ShardMarksProps;

  constructor(props: ShardMarksProps) {
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
}

export interface ShardProgressProps extends ShardMarksProps {
  readonly sqs: Pick<SQSClient, 'send'>;
  /** Pointers that wait for `repair`. */
  readonly repairQueueUrl: string;
  /** Pointers that wait for an operator: what they name is not counted either. */
  readonly repairDeadQueueUrl: string;
}

const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/** The same, with what it gave up: from the repair queue, and from that of what could not be repaired. */
export class ShardProgress extends ShardMarks implements ProjectorProgress {
  readonly #sqs: Pick<SQSClient, 'send'>;
  readonly #queueUrls: readonly string[];

  constructor({ sqs, repairQueueUrl, repairDeadQueueUrl, ...props }: ShardProgressProps) {
    super(props);
    this.#sqs = sqs;
    this.#queueUrls = [repairQueueUrl, repairDeadQueueUrl];
  }

  async pendingRepairs(): Promise<number> {
    const waiting = await Promise.all(this.#queueUrls.map((url) => this.#count(url)));
    return waiting.reduce((sum, count) => sum + count, 0);
  }

  async #count(QueueUrl: string): Promise<number> {
    const { Attributes } = await this.#sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...COUNTS] }),
    );
    return COUNTS.reduce((sum, name) => sum + Number(Attributes?.[name] ?? 0), 0);
  }
}
