import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../domain/ports.ts';

/** How long it is believed, in ms. */
const BELIEVED_MS = 10 * 60_000;

/** The probe's key, from the secret that the stack has made. Its text is what API Gateway's copy is made of too. */
export class ProbeKey {
  readonly #client: Pick<SecretsManagerClient, 'send'>;
  readonly #secretId: string;
  readonly #clock: Clock;
  #read: { readonly key: string; readonly untilMs: number } | undefined;

  constructor(client: Pick<SecretsManagerClient, 'send'>, secretId: string, clock: Clock) {
    this.#client = client;
    this.#secretId = secretId;
    this.#clock = clock;
  }

  async read(): Promise<string> {
    const now = this.#clock.now();
    if (!this.#read || this.#read.untilMs <= now) {
      const { SecretString } = await this.#client.send(
        new GetSecretValueCommand({ SecretId: this.#secretId }),
      );
      if (!SecretString) throw new Error("the probe's secret is empty");
      this.#read = { key: `wp_${SecretString}`, untilMs: now + BELIEVED_MS };
    }
    return this.#read.key;
  }

  /** Has it read anew. */
  forget(): void {
    this.#read = undefined;
  }
}
