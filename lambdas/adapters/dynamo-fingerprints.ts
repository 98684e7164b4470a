import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type FingerprintRegistry, MAX_FINGERPRINTS, overflowFingerprint } from '../domain/fingerprint.ts';
import { encodePart } from '../domain/keys.ts';

/** Verdicts remembered per instance; the set only grows, so a remembered one stays right. */
const MAX_KNOWN = 10_000;

/** The registry as one set of strings per producer in the control table. */
export class DynamoFingerprints implements FingerprintRegistry {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;
  readonly #known = new Map<string, string>();

  constructor(client: Pick<DynamoDBClient, 'send'>, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async admit(tenant: string, producer: string, fingerprint: string): Promise<string> {
    const known = this.#known.get(fingerprint);
    if (known !== undefined) return known;
    const admitted = (await this.#add(tenant, producer, fingerprint))
      ? fingerprint
      : overflowFingerprint(tenant, producer);
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(fingerprint, admitted);
    return admitted;
  }

  async #add(tenant: string, producer: string, fingerprint: string): Promise<boolean> {
    const key = `FINGERPRINTS#${encodePart(tenant)}#${encodePart(producer)}`;
    try {
      await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: { pk: { S: key }, sk: { S: 'SET' } },
          UpdateExpression: 'ADD fps :one',
          ConditionExpression: 'attribute_not_exists(fps) OR contains(fps, :fp) OR size(fps) < :max',
          ExpressionAttributeValues: {
            ':one': { SS: [fingerprint] },
            ':fp': { S: fingerprint },
            ':max': { N: String(MAX_FINGERPRINTS) },
          },
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}
