import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { RepairNote, RepairNotes } from '../domain/recovery/resend-ports.ts';

const TEXTS = ['messageId', 'shardId', 'first', 'last', 'at', 'mark'] as const;

/** What `repair` has sent again, in the control table: one item a message of its queue. */
export class DynamoRepairs implements RepairNotes {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;

  constructor(client: Pick<DynamoDBClient, 'send'>, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async find(messageId: string): Promise<RepairNote | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key: keyOf(messageId), ConsistentRead: true }),
    );
    if (!Item) return undefined;
    const texts = TEXTS.map((name) => [name, Item[name]?.S ?? '']);
    return {
      ...(Object.fromEntries(texts) as Pick<RepairNote, (typeof TEXTS)[number]>),
      sent: Number(Item.sent?.N ?? 0),
      ...(Item.failed?.S !== undefined && { failed: Item.failed.S }),
    };
  }

  async put(note: RepairNote): Promise<void> {
    const { failed } = note;
    try {
      await this.#client.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: {
            ...keyOf(note.messageId),
            ...Object.fromEntries(TEXTS.map((name) => [name, { S: note[name] }])),
            sent: { N: String(note.sent) },
            ...(failed !== undefined && { failed: { S: failed } }),
          },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
}

function keyOf(messageId: string): Record<string, AttributeValue> {
  return { pk: { S: `REPAIR#${messageId}` }, sk: { S: 'NOTE' } };
}
