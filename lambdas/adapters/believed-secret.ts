import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../domain/ports.ts';

/** How long what was read is believed, in ms. */
const BELIEVED_MS = 10 * 60_000;

/** What one secret holds, read again every ten minutes, and when somebody has found it to be wrong. */
export class BelievedSecret<T> {
  readonly #client: Pick<SecretsManagerClient, 'send'>;
  readonly #secretId: string;
  readonly #clock: Clock;
  readonly #parse: (text: string) => T;
  #read: { readonly value: T; readonly untilMs: number } | undefined;

  /** @param parse makes something of its text. What it throws must not repeat any of it. */
  constructor(
    client: Pick<SecretsManagerClient, 'send'>,
    secretId: string,
    clock: Clock,
    parse: (text: string) => T,
  ) {
    this.#client = client;
    this.#secretId = secretId;
    this.#clock = clock;
    this.#parse = parse;
  }

  async read(): Promise<T> {
    const now = this.#clock.now();
    if (!this.#read || this.#read.untilMs <= now) {
      const { SecretString } = await this.#client.send(
        new GetSecretValueCommand({ SecretId: this.#secretId }),
      );
      if (!SecretString) throw new Error(`the secret ${this.#secretId.slice(-8)} is empty`);
      this.#read = { value: this.#parse(SecretString), untilMs: now + BELIEVED_MS };
    }
    return this.#read.value;
  }

  /** Has it read anew. */
  forget(): void {
    this.#read = undefined;
  }
}
