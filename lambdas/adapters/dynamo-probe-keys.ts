import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Credential, CredentialStore } from '../domain/credential.ts';
import { probeCredential } from '../domain/probe.ts';

/** Partition of the control table that the probe may write, and nobody else. */
const PROBE = 'PROBE';

/**
 * The probe's keys in the control table: a hash and an end, and no word of what a key may do. So who may write here can
 * make a key of the probe's, and no other.
 */
export class DynamoProbeKeys implements CredentialStore {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;

  constructor(client: Pick<DynamoDBClient, 'send'>, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async find(keyHash: string): Promise<Credential | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key: keyOf(keyHash) }),
    );
    const expiresMs = Date.parse(Item?.expires?.S ?? '');
    return Number.isNaN(expiresMs) ? undefined : probeCredential(keyHash, expiresMs);
  }

  /** @param expiresMs the key is none from then on, ms since the epoch */
  async put(keyHash: string, expiresMs: number): Promise<void> {
    await this.#client.send(
      new PutItemCommand({
        TableName: this.#table,
        Item: {
          ...keyOf(keyHash),
          expires: { S: new Date(expiresMs).toISOString() },
          ttl: { N: String(Math.ceil(expiresMs / 1000)) },
        },
      }),
    );
  }
}

function keyOf(keyHash: string) {
  return { pk: { S: PROBE }, sk: { S: keyHash } };
}
