import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandOutput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Activity, ProducerActivity } from '../domain/control/ports.ts';
import { decodePart, encodePart } from '../domain/keys.ts';

/** How long a minute is kept, in seconds. */
const KEPT_SECONDS = 2 * 24 * 3600;

/**
 * Activity in the control table: a partition a minute, an item a producer. `add` can't be repeated without counting
 * twice, so its client should try once.
 */
export class DynamoActivity implements Activity {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;

  constructor(client: Pick<DynamoDBClient, 'send'>, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async add(minute: string, { tenant, producer, offered, accepted, shed }: ProducerActivity): Promise<void> {
    const ends = Date.parse(`${minute}Z`) / 1000 + KEPT_SECONDS;
    await this.#client.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: { pk: { S: keyOf(minute) }, sk: { S: `${encodePart(tenant)}#${encodePart(producer)}` } },
        UpdateExpression: 'ADD offered :offered, accepted :accepted, shed :shed SET #ttl = :ttl',
        // A word that DynamoDB keeps for itself.
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: {
          ':offered': { N: String(offered) },
          ':accepted': { N: String(accepted) },
          ':shed': { N: String(shed) },
          ':ttl': { N: String(ends) },
        },
      }),
    );
  }

  async of(minute: string): Promise<readonly ProducerActivity[]> {
    const all: ProducerActivity[] = [];
    let from: Record<string, AttributeValue> | undefined;
    do {
      const answer: QueryCommandOutput = await this.#client.send(
        new QueryCommand({
          TableName: this.#table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: keyOf(minute) } },
          ExclusiveStartKey: from,
        }),
      );
      all.push(...(answer.Items ?? []).map(decode));
      from = answer.LastEvaluatedKey;
    } while (from);
    return all;
  }
}

function keyOf(minute: string): string {
  return `ACTIVITY#${minute}`;
}

function decode({ sk, offered, accepted, shed }: Record<string, AttributeValue>): ProducerActivity {
  const [tenant = '', producer = ''] = (sk?.S ?? '').split('#').map(decodePart);
  return {
    tenant,
    producer,
    offered: Number(offered?.N ?? 0),
    accepted: Number(accepted?.N ?? 0),
    shed: Number(shed?.N ?? 0),
  };
}
