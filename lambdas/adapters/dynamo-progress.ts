import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Progress } from '../domain/state-store.ts';

/** The control table's keys under which a consumer's progress is noted. */
export function progressKey(consumer: string): string {
  return `PROGRESS#${consumer}`;
}

/** Progress in the control table, one item a shard. */
export class DynamoProgress implements Progress {
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
}
