import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type FingerprintRegistry, MAX_FINGERPRINTS, overflowFingerprint } from '../domain/fingerprint.ts';
import { encodePart } from '../domain/keys.ts';

/** Producers remembered per instance. */
const MAX_PRODUCERS = 1_000;

/**
 * The registry as one set of strings per producer in the control table. A set only grows, up to its cap, and every
 * answer brings all of it: what an instance has seen of it stays right, and a full one is asked for once.
 */
export class DynamoFingerprints implements FingerprintRegistry {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;
  readonly #known = new Map<string, ReadonlySet<string>>();

  constructor(client: Pick<DynamoDBClient, 'send'>, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async admit(tenant: string, producer: string, fingerprint: string): Promise<string> {
    const key = `FINGERPRINTS#${encodePart(tenant)}#${encodePart(producer)}`;
    let set = this.#known.get(key);
    if (!set?.has(fingerprint) && (set?.size ?? 0) < MAX_FINGERPRINTS) {
      set = await this.#add(key, fingerprint);
      if (this.#known.size >= MAX_PRODUCERS) this.#known.clear();
      this.#known.set(key, set);
    }
    return set?.has(fingerprint) ? fingerprint : overflowFingerprint(tenant, producer);
  }

  /** Adds to the set if there is room; returns what is in it. */
  async #add(key: string, fingerprint: string): Promise<ReadonlySet<string>> {
    const update = new UpdateItemCommand({
      TableName: this.#table,
      Key: { pk: { S: key }, sk: { S: 'SET' } },
      UpdateExpression: 'ADD fps :one',
      ConditionExpression: 'attribute_not_exists(fps) OR contains(fps, :fp) OR size(fps) < :max',
      ExpressionAttributeValues: {
        ':one': { SS: [fingerprint] },
        ':fp': { S: fingerprint },
        ':max': { N: String(MAX_FINGERPRINTS) },
      },
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    try {
      const { Attributes } = await this.#client.send(update);
      return new Set(Attributes?.fps?.SS);
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException && error.Item) return new Set(error.Item.fps?.SS);
      throw error;
    }
  }
}
