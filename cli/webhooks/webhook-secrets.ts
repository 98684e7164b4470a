import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { SecretsManagerSecrets } from '../../lambdas/adapters/secrets-manager.ts';
import type { Secret } from '../../lambdas/domain/webhooks/endpoint.ts';

/** The secrets of endpoints in Secrets Manager, under Weir's own key. */
export class WebhookSecrets {
  readonly #client: SecretsManagerClient;
  readonly #kmsKeyId: string;

  constructor(client: SecretsManagerClient, kmsKeyId: string) {
    this.#client = client;
    this.#kmsKeyId = kmsKeyId;
  }

  async create(secretId: string, description: string, secrets: readonly Secret[]): Promise<void> {
    await this.#client.send(
      new CreateSecretCommand({
        Name: secretId,
        Description: description,
        KmsKeyId: this.#kmsKeyId,
        SecretString: JSON.stringify({ secrets }),
      }),
    );
  }

  find(secretId: string): Promise<readonly Secret[]> {
    return new SecretsManagerSecrets(this.#client).find(secretId);
  }

  async replace(secretId: string, secrets: readonly Secret[]): Promise<void> {
    await this.#client.send(
      new PutSecretValueCommand({ SecretId: secretId, SecretString: JSON.stringify({ secrets }) }),
    );
  }

  /** At once and for good: of an endpoint that was never finished. */
  async remove(secretId: string): Promise<void> {
    await this.#client.send(
      new DeleteSecretCommand({ SecretId: secretId, ForceDeleteWithoutRecovery: true }),
    );
  }
}
