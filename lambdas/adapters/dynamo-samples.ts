import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { encodePart } from '../domain/keys.ts';
import type { QuarantineSample, QuarantineSamples } from '../domain/state-store.ts';

/** Fingerprints remembered as kept; a sample is never deleted by us. */
const MAX_KNOWN = 10_000;

export function samplesKey(tenant: string): string {
  return `QUARANTINE#${encodePart(tenant)}`;
}

/** Samples in the control table, one item a fingerprint. */
export class DynamoSamples implements QuarantineSamples {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;
  readonly #kept = new Set<string>();

  constructor(client: Pick<DynamoDBClient, 'send'>, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async keep(sample: QuarantineSample): Promise<void> {
    const { tenant, fingerprint, schema, ...texts } = sample;
    const name = `${encodePart(tenant)}#${fingerprint}`;
    if (this.#kept.has(name)) return;
    const attributes = Object.entries(texts).map(([key, value]) => [key, { S: value }] as const);
    try {
      await this.#client.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: {
            pk: { S: samplesKey(tenant) },
            sk: { S: fingerprint },
            tenant: { S: tenant },
            ...Object.fromEntries(attributes),
            ...(schema !== undefined && { schema: { N: String(schema) } }),
          },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
    if (this.#kept.size >= MAX_KNOWN) this.#kept.clear();
    this.#kept.add(name);
  }
}
