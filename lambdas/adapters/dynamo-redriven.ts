import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { RedrivenNote, RedrivenSamples } from '../domain/recovery/resend-ports.ts';
import { samplesKey } from './dynamo-samples.ts';

/** Times that another worker may be in the way. */
const MAX_TRIES = 3;

/**
 * The attribute `redriven` of a sample: `requestId`, `at`, `events`, and the `parts` that are in that sum, so that a
 * part which is noted again adds nothing. A later run takes the place of an earlier one.
 */
export class DynamoRedriven implements RedrivenSamples {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;

  constructor(client: Pick<DynamoDBClient, 'send'>, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async note(note: RedrivenNote): Promise<void> {
    for (let attempt = 0; attempt < MAX_TRIES; attempt++)
      if ((await this.#add(note)) || (await this.#begin(note))) return;
    // Neither: the part is noted already, or there is no sample.
  }

  /** Adds to what the same run has noted before. */
  #add({ requestId, at, part, events, ...of }: RedrivenNote): Promise<boolean> {
    return this.#update(of, {
      UpdateExpression:
        'SET redriven.#at = :at, redriven.#events = redriven.#events + :events ADD redriven.#parts :parts',
      ConditionExpression: 'redriven.#requestId = :requestId AND NOT contains(redriven.#parts, :part)',
      ExpressionAttributeNames: {
        ...{ '#at': 'at', '#events': 'events', '#parts': 'parts', '#requestId': 'requestId' },
      },
      ExpressionAttributeValues: {
        ':at': { S: at },
        ':events': { N: String(events) },
        ':parts': { SS: [part] },
        ':part': { S: part },
        ':requestId': { S: requestId },
      },
    });
  }

  /** The first part of a run. */
  #begin({ requestId, at, part, events, ...of }: RedrivenNote): Promise<boolean> {
    const redriven: AttributeValue = {
      M: {
        requestId: { S: requestId },
        at: { S: at },
        events: { N: String(events) },
        parts: { SS: [part] },
      },
    };
    return this.#update(of, {
      UpdateExpression: 'SET redriven = :redriven',
      ConditionExpression:
        'attribute_exists(pk) AND (attribute_not_exists(redriven) OR redriven.#requestId <> :requestId)',
      ExpressionAttributeNames: { '#requestId': 'requestId' },
      ExpressionAttributeValues: { ':redriven': redriven, ':requestId': { S: requestId } },
    });
  }

  async #update(
    { tenant, fingerprint }: Pick<RedrivenNote, 'tenant' | 'fingerprint'>,
    change: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>,
  ): Promise<boolean> {
    const Key = { pk: { S: samplesKey(tenant) }, sk: { S: fingerprint } };
    try {
      await this.#client.send(new UpdateItemCommand({ TableName: this.#table, Key, ...change }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}
