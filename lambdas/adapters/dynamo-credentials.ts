import { type AttributeValue, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Credential, CredentialStore, Scope } from '../domain/credential.ts';

/** Credentials in the control table, under the hash of their key. */
export class DynamoCredentials implements CredentialStore {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;

  constructor(client: Pick<DynamoDBClient, 'send'>, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async find(keyHash: string): Promise<Credential | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({
        TableName: this.#table,
        Key: { pk: { S: `KEY#${keyHash}` }, sk: { S: 'KEY' } },
      }),
    );
    return Item && readCredential(Item, keyHash);
  }
}

/** @throws Error where the item is not one that the CLI writes: better no answer than a guess at what it grants. */
function readCredential(item: Record<string, AttributeValue>, keyHash: string): Credential {
  const tenant = item.tenant?.S;
  const producer = item.producer?.S;
  const status = item.status?.S;
  const expires = item.expires?.S;
  const expiresMs = expires === undefined ? undefined : Date.parse(expires);
  if (!tenant || !producer || (status !== 'active' && status !== 'revoked') || Number.isNaN(expiresMs)) {
    throw new Error(`the credential ${keyHash.slice(0, 12)} is damaged in the control table`);
  }
  return {
    tenant,
    producer,
    status,
    types: textsOf(item.types),
    scopes: textsOf(item.scopes) as Scope[],
    ...(expiresMs !== undefined && { expiresMs }),
    keyId: keyHash.slice(0, 12),
  };
}

/** A list or a set of strings. */
function textsOf(value: AttributeValue | undefined): string[] {
  return value?.SS ?? value?.L?.flatMap(({ S }) => (S === undefined ? [] : [S])) ?? [];
}
