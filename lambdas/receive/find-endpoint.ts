import type { Clock } from '../domain/ports.ts';
import {
  ENDPOINT,
  type Endpoint,
  type EndpointStore,
  liveSecrets,
  type Secret,
  type SecretStore,
} from '../domain/webhooks/endpoint.ts';
import { Remembered } from '../platform/remembered.ts';

/** How long an endpoint and its secrets are believed, and how long an endpoint's absence, in ms. */
const FOUND_MS = 60_000;
const MISSING_MS = 5_000;
/** Secrets this old are read again before a signature is called wrong: a new secret must work at once. */
const REFRESH_MS = 5_000;

/** Endpoints and their secrets, remembered for a minute. */
export class KnownEndpoints {
  readonly #clock: Clock;
  readonly #endpoints: Remembered<Endpoint>;
  readonly #secrets: Remembered<readonly Secret[]>;

  constructor(endpoints: EndpointStore, secrets: SecretStore, clock: Clock) {
    const lifetimes = { foundMs: FOUND_MS, missingMs: MISSING_MS };
    this.#clock = clock;
    this.#endpoints = new Remembered((endpoint) => endpoints.find(endpoint), clock, lifetimes);
    this.#secrets = new Remembered((secretId) => secrets.find(secretId), clock, lifetimes);
  }

  /** @throws where the control table can't be reached. */
  async find(endpoint: string): Promise<Endpoint | undefined> {
    return ENDPOINT.test(endpoint) ? this.#endpoints.find(endpoint) : undefined;
  }

  /**
   * The live secrets of an endpoint.
   * @param fresh Whether it must be what stood there five seconds ago: so often, and not more, a stream of forgeries
   * makes us ask (F10).
   * @throws where they can't be read.
   */
  async secretsOf({ secretId }: Endpoint, fresh = false): Promise<readonly string[]> {
    const secrets = await this.#secrets.find(secretId, fresh ? REFRESH_MS : FOUND_MS);
    return liveSecrets(secrets ?? [], this.#clock.now());
  }
}
