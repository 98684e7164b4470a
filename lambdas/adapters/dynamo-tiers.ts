import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Tiers } from '../domain/control/guard-ports.ts';
import { encodePart } from '../domain/keys.ts';

/** Tiers of producers in the control table, where the command line has put them. */
export class DynamoTiers implements Tiers {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;

  constructor(client: Pick<DynamoDBClient, 'send'>, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async of(tenant: string, producer: string): Promise<string | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({
        TableName: this.#table,
        Key: { pk: { S: `TENANT#${encodePart(tenant)}` }, sk: { S: `PRODUCER#${encodePart(producer)}` } },
        ProjectionExpression: 'tier',
      }),
    );
    return Item?.tier?.S;
  }
}
