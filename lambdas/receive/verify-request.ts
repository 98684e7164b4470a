import type { Endpoint } from '../domain/webhooks/endpoint.ts';
import type { Refusal } from '../domain/webhooks/read-signature.ts';
import type { Scheme } from '../domain/webhooks/scheme.ts';
import { type Delivery, type Verified, verifyDelivery } from '../domain/webhooks/verify.ts';
import type { HttpRequest } from '../platform/http.ts';
import type { KnownEndpoints } from './find-endpoint.ts';

/** Stands in for the scheme and the secret of an endpoint that there is not. */
const NOBODYS_SCHEME: Scheme = {
  kind: 'hmac',
  header: 'user-agent',
  ...{ algorithm: 'sha256', encoding: 'hex' },
  template: '{body}',
};
const NOBODYS_SECRET = 'what-nobody-signs-with';

export type Verification = Verified | Refusal;

/**
 * Verifies a request for an endpoint, over its bytes. What fails is tried once more with secrets that are no older than
 * five seconds, so that a secret is good from the moment that it is added.
 */
export async function verifyRequest(
  endpoint: Endpoint,
  request: HttpRequest,
  known: KnownEndpoints,
  nowMs: number,
): Promise<Verification> {
  const delivery = deliveryOf(request, endpoint.url);
  const secrets = await known.secretsOf(endpoint);
  const first = verifyDelivery(endpoint.scheme, secrets, delivery, nowMs);
  if (first.ok || first.reason !== 'signature-mismatch') return first;
  const fresh = await known.secretsOf(endpoint, true);
  const same = fresh.length === secrets.length && fresh.every((secret, at) => secret === secrets[at]);
  return same ? first : verifyDelivery(endpoint.scheme, fresh, delivery, nowMs);
}

/** Does for an endpoint that there is not what is done for one that there is, so that time doesn't tell them apart. */
export function verifyForNobody(request: HttpRequest): void {
  const delivery = deliveryOf(request, '');
  const headers = new Map([...delivery.headers, ['user-agent', ['0'.repeat(64)]] as const]);
  verifyDelivery(NOBODYS_SCHEME, [NOBODYS_SECRET], { ...delivery, headers }, 0);
}

export function deliveryOf({ headers, body }: HttpRequest, url: string): Delivery {
  return { headers, body, url };
}
