import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Secret, SecretStore } from '../domain/webhooks/endpoint.ts';

/** Secrets of webhook endpoints in Secrets Manager: one JSON value per endpoint, with at most two live secrets. */
export class SecretsManagerSecrets implements SecretStore {
  readonly #client: Pick<SecretsManagerClient, 'send'>;

  constructor(client: Pick<SecretsManagerClient, 'send'>) {
    this.#client = client;
  }

  async find(secretId: string): Promise<readonly Secret[]> {
    const { SecretString = '' } = await this.#client.send(new GetSecretValueCommand({ SecretId: secretId }));
    const secrets = readSecrets(SecretString);
    if (secrets) return secrets;
    // Neither the text nor what is wrong with it may reach a log.
    throw new Error(`the secret ${secretId.slice(-8)} is damaged: weir webhooks rotate writes it anew`);
  }
}

function readSecrets(text: string): readonly Secret[] | undefined {
  let secrets: unknown;
  try {
    secrets = JSON.parse(text)?.secrets;
  } catch {
    return undefined;
  }
  return Array.isArray(secrets) && secrets.every(isSecret) ? secrets : undefined;
}

function isSecret(value: unknown): value is Secret {
  const { value: text, created, expires } = (value ?? {}) as Partial<Record<keyof Secret, unknown>>;
  const ends = expires === undefined || (typeof expires === 'string' && !Number.isNaN(Date.parse(expires)));
  return typeof text === 'string' && text !== '' && typeof created === 'string' && ends;
}
