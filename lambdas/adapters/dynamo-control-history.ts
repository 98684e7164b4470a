import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { ControlHistory } from '../domain/control/changes.ts';
import type { Control } from '../domain/control/control.ts';
import { ControlDamagedError, readControl } from '../domain/control/read-control.ts';
import { CONTROL_KEY, HISTORY } from './dynamo-control.ts';

/** The versions of the control item that were in force. */
export class DynamoControlHistory implements ControlHistory {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;

  constructor(client: Pick<DynamoDBClient, 'send'>, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** One that can't be read is left out: it is to look at only. */
  async latest(count: number): Promise<readonly Control[]> {
    const items = await this.#last(count);
    return items.flatMap(({ doc }) => readOrNothing(doc?.S ?? ''));
  }

  async newest(): Promise<number> {
    const [item] = await this.#last(1);
    return Number.parseInt(item?.sk?.S?.slice(HISTORY.length) ?? '', 10) || 0;
  }

  async #last(count: number): Promise<readonly Record<string, AttributeValue>[]> {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :history)',
        ExpressionAttributeValues: { ':pk': { S: CONTROL_KEY }, ':history': { S: HISTORY } },
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: count,
      }),
    );
    return Items;
  }
}

function readOrNothing(doc: string): readonly Control[] {
  try {
    return [readControl(doc)];
  } catch (error) {
    if (error instanceof ControlDamagedError) return [];
    throw error;
  }
}
