import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Sightings } from '../domain/control/guard-ports.ts';
import type { Seen } from '../domain/control/track-lag.ts';
import { CONTROL_KEY } from './dynamo-control.ts';

/** Sorts between the standing item and its history. */
const KEY = { pk: { S: CONTROL_KEY }, sk: { S: 'GUARD' } };

/** What guard has seen last, beside the control item. Of two that look at the same time either may be kept. */
export class DynamoSightings implements Sightings {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;

  constructor(client: Pick<DynamoDBClient, 'send'>, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async read(): Promise<Seen | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key: KEY, ConsistentRead: true }),
    );
    const [asOf, movedAt, lags] = [Item?.asOf?.S, Item?.movedAt?.S, Item?.lags?.S];
    if (asOf === undefined) return undefined;
    return {
      asOf,
      ...(movedAt !== undefined && { movedAt }),
      ...(lags !== undefined && { lags: JSON.parse(lags) }),
    };
  }

  async write({ asOf, movedAt, lags }: Seen): Promise<void> {
    await this.#client.send(
      new PutItemCommand({
        TableName: this.#table,
        Item: {
          ...KEY,
          asOf: { S: asOf },
          ...(movedAt !== undefined && { movedAt: { S: movedAt } }),
          ...(lags && { lags: { S: JSON.stringify(lags) } }),
        },
      }),
    );
  }
}
