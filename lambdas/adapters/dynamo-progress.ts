import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandOutput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Passed, ProjectorPasses } from '../domain/recovery/ports.ts';
import type { Progress } from '../domain/state-store.ts';

/** The control table's keys under which a consumer's progress is noted. */
export function progressKey(consumer: string): string {
  return `PROGRESS#${consumer}`;
}

/** Progress in the control table, one item a shard. */
export class DynamoProgress implements Progress, ProjectorPasses {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;
  readonly #consumer: string;

  constructor(client: Pick<DynamoDBClient, 'send'>, table: string, consumer: string) {
    this.#client = client;
    this.#table = table;
    this.#consumer = consumer;
  }

  /** Only ever forward: an invocation that ends late has passed less than others since. */
  async passed(shardId: string, mark: string, sequence: string): Promise<void> {
    try {
      await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: { pk: { S: progressKey(this.#consumer) }, sk: { S: shardId } },
          UpdateExpression: 'SET mark = :mark, seq = :seq',
          ConditionExpression: 'attribute_not_exists(mark) OR mark < :mark',
          ExpressionAttributeValues: { ':mark': { S: mark }, ':seq': { S: sequence } },
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  async read(): Promise<ReadonlyMap<string, Passed>> {
    const passes = new Map<string, Passed>();
    let from: Record<string, AttributeValue> | undefined;
    do {
      const answer: QueryCommandOutput = await this.#client.send(
        new QueryCommand({
          TableName: this.#table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: progressKey(this.#consumer) } },
          ConsistentRead: true,
          ExclusiveStartKey: from,
        }),
      );
      for (const { sk, mark, seq } of answer.Items ?? [])
        if (sk?.S && mark?.S && seq?.S) passes.set(sk.S, { mark: mark.S, sequence: seq.S });
      from = answer.LastEvaluatedKey;
    } while (from);
    return passes;
  }
}
