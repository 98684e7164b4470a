import type { Scheme } from './scheme.ts';

/** `we_` and 192 random bits in base64url: nobody finds an endpoint by trying. Who knows one can't sign for it yet. */
export const ENDPOINT = /^we_[A-Za-z0-9_-]{32}$/;

/** An address to which one provider sends webhooks for one tenant. */
export interface Endpoint {
  /** Last part of its path: see {@link ENDPOINT}. */
  readonly endpoint: string;
  /** What its tenant calls it. */
  readonly name: string;
  readonly tenant: string;
  /** Lower-case name; begins the types of events that no rule is for. */
  readonly provider: string;
  readonly scheme: Scheme;
  /** JSON, as `compileMapping` takes it. */
  readonly mapping: unknown;
  /** Headers that normalising needs, in lower case: `Mapping.headers`. */
  readonly headers: readonly string[];
  /** As the provider knows it, for schemes that sign it. */
  readonly url: string;
  readonly status: 'active' | 'disabled';
  /** Name of its secrets in the secret store. */
  readonly secretId: string;
}

/** Where endpoints are found. */
export interface EndpointStore {
  /** The endpoint, or undefined where there is none. @throws where the store can't be reached, or holds what it must not. */
  find(endpoint: string): Promise<Endpoint | undefined>;
}

/** One secret of an endpoint. */
export interface Secret {
  readonly value: string;
  /** RFC 3339. */
  readonly created: string;
  /** RFC 3339; absent where it has no end. */
  readonly expires?: string;
}

/** Where the secrets of endpoints are kept. */
export interface SecretStore {
  /** An endpoint's secrets, ended ones among them. @throws where the store can't be reached, or has no such endpoint. */
  find(secretId: string): Promise<readonly Secret[]>;
}

/** The secrets that have not ended, the newest last, at most two: verifying costs as much for each. */
export function liveSecrets(secrets: readonly Secret[], nowMs: number): readonly string[] {
  return secrets
    .filter(({ expires }) => expires === undefined || Date.parse(expires) > nowMs)
    .map(({ value }) => value)
    .slice(-2);
}

/** The producer that an endpoint's events have. */
export function producerOf({ name }: Pick<Endpoint, 'name'>): string {
  return `webhook:${name}`;
}
