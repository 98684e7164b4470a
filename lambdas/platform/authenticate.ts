import { hash } from 'node:crypto';
import type { Credential, CredentialStore, Scope } from '../domain/credential.ts';
import type { Clock, Random } from '../domain/ports.ts';
import { type HttpRequest, headerOf, retryAfterSeconds } from './http.ts';
import { logger } from './logger.ts';
import { count } from './metrics.ts';
import { ProblemError } from './problem.ts';

/** `wk_` and 256 random bits in base64url. */
const KEY = /^wk_[A-Za-z0-9_-]{43}$/;
/** The probe's: 43 letters and digits, some 256 random bits too. */
const PROBE_KEY = /^wp_[A-Za-z0-9]{43}$/;

export interface AuthenticateProps {
  readonly credentials: CredentialStore;
  /** Keys of the probe. @default - none are taken */
  readonly probe?: CredentialStore;
  readonly clock: Clock;
  readonly random: Random;
}

/** Finds who sends a request; with a scope, also whether the key has it. */
export type Authenticate = (request: HttpRequest, scope?: Scope) => Promise<Credential>;

/**
 * Takes the credential from `x-api-key`. Throws a problem: 401, the same for unknown, expired and revoked keys; 403
 * where the scope is missing; 503 where the control table does not answer, as that says nothing about the key.
 */
export function createAuthenticate({ credentials, probe, clock, random }: AuthenticateProps): Authenticate {
  return async (request, scope) => {
    const key = headerOf(request, 'x-api-key');
    const store = key === undefined ? undefined : KEY.test(key) ? credentials : PROBE_KEY.test(key) && probe;
    if (key === undefined || !store) throw unauthorized();
    const credential = await find(store, hash('sha256', key), random);
    if (!credential) throw unauthorized();
    const { tenant, producer, keyId, status, expiresMs = Number.POSITIVE_INFINITY } = credential;
    logger.appendKeys({ tenant, producer, keyId });
    if (status !== 'active' || expiresMs <= clock.now()) throw unauthorized();
    if (scope && !credential.scopes.includes(scope)) {
      throw new ProblemError({
        status: 403,
        code: 'scope-missing',
        detail: `this key lacks the scope ${scope}; ask for a key that has it`,
        pointer: 'x-api-key',
      });
    }
    return credential;
  };
}

async function find(credentials: CredentialStore, keyHash: string, random: Random) {
  try {
    return await credentials.find(keyHash);
  } catch (cause) {
    throw new ProblemError(
      {
        status: 503,
        code: 'credentials-unavailable',
        detail: 'keys can not be checked at the moment; send the request again',
        retryAfter: retryAfterSeconds(random),
      },
      { cause },
    );
  }
}

function unauthorized(): ProblemError {
  count({ unauthorized: 1 });
  return new ProblemError({
    status: 401,
    code: 'unauthorized',
    detail: 'send a valid key in the header x-api-key: wk_ and 43 characters; keys can expire and be revoked',
    pointer: 'x-api-key',
  });
}
