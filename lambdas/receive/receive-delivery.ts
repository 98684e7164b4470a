import { MAX_BODY_BYTES } from '../domain/cloudevent.ts';
import type { Clock, Random } from '../domain/ports.ts';
import type { Endpoint } from '../domain/webhooks/endpoint.ts';
import { answerHandshake } from '../domain/webhooks/handshake.ts';
import {
  type BodyStore,
  type DeliveryQueue,
  MAX_INLINE_BYTES,
  type QueuedMessage,
} from '../domain/webhooks/queued.ts';
import type { RefusalReason } from '../domain/webhooks/read-signature.ts';
import type { Verified } from '../domain/webhooks/verify.ts';
import { type HttpRequest, type HttpResponse, retryAfterSeconds } from '../platform/http.ts';
import { ProblemError } from '../platform/problem.ts';
import type { Route } from '../platform/serve.ts';
import type { KnownEndpoints } from './find-endpoint.ts';
import { deliveryOf, verifyForNobody, verifyRequest } from './verify-request.ts';

/** Why a delivery was not taken. The list is closed: it is a dimension of a metric. */
export type NotTaken = RefusalReason | 'unknown-endpoint' | 'disabled' | 'too-large' | 'unavailable';

export interface ReceiveProps {
  readonly known: KnownEndpoints;
  readonly queue: DeliveryQueue;
  readonly bodies: BodyStore;
  readonly clock: Clock;
  readonly random: Random;
  /** Told of each delivery; `endpoint` where there is such a one. */
  readonly report?: (outcome: 'queued' | 'handshake' | NotTaken, endpoint?: Endpoint) => void;
}

/**
 * POST /v1/webhooks/{endpoint}: takes what someone with the endpoint's secret has signed, and says 202 once the queue
 * has it (P1). What happens to it then is `normalise`'s work; here nothing of it is read.
 */
export function createReceiveDelivery(props: ReceiveProps): Route {
  const { known, clock, report } = props;
  return async (request) => {
    const nowMs = clock.now();
    if (request.body.length > MAX_BODY_BYTES) throw refuseTooLarge(props);
    const endpoint = await orUnavailable(props, undefined, () => known.find(request.path.endpoint ?? ''));
    if (!endpoint) {
      verifyForNobody(request);
      report?.('unknown-endpoint');
      throw notVerified(404);
    }
    const verified = await orUnavailable(props, endpoint, () =>
      verifyRequest(endpoint, request, known, nowMs),
    );
    if (!verified.ok) {
      report?.(verified.reason, endpoint);
      throw notVerified(401);
    }
    // Only who holds a secret hears that the endpoint was there once.
    if (endpoint.status === 'disabled') throw refuseDisabled(props, endpoint);
    const handshake = answerHandshake(endpoint.scheme, deliveryOf(request, endpoint.url));
    if (handshake) {
      report?.('handshake', endpoint);
      const { status, contentType, body } = handshake;
      return { status, headers: { 'content-type': contentType }, body };
    }
    await orUnavailable(props, endpoint, () => enqueue(props, endpoint, verified, request, nowMs));
    report?.('queued', endpoint);
    return accepted(request);
  };
}

async function enqueue(
  { queue, bodies }: ReceiveProps,
  endpoint: Endpoint,
  { deliveryId, idSigned, signedAt }: Verified,
  { receipt, trace, headers, body }: HttpRequest,
  nowMs: number,
): Promise<void> {
  const { tenant, name } = endpoint;
  const kept = body.length > MAX_INLINE_BYTES ? await bodies.put(tenant, body) : body.toString('base64');
  const message: QueuedMessage = {
    v: 1,
    endpoint: endpoint.endpoint,
    tenant,
    name,
    receipt,
    trace,
    receivedAt: new Date(nowMs).toISOString(),
    ...(deliveryId !== undefined && { deliveryId }),
    idSigned,
    timeSigned: signedAt !== undefined,
    headers: pick(headers, endpoint.headers),
    body: kept,
  };
  await queue.send(message);
}

/** Values of a header that was sent several times are one list (RFC 9110, section 5.3). */
function pick(headers: HttpRequest['headers'], names: readonly string[]): Record<string, string> {
  const found = names.flatMap((name) => {
    const values = headers.get(name);
    return values?.length ? [[name, values.join(', ')] as const] : [];
  });
  return Object.fromEntries(found);
}

function accepted({ receipt }: HttpRequest): HttpResponse {
  return { status: 202, body: JSON.stringify({ receipt }) };
}

/** What we lack says nothing of the delivery: the provider is to send it again. */
async function orUnavailable<T>(
  { random, report }: ReceiveProps,
  endpoint: Endpoint | undefined,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    report?.('unavailable', endpoint);
    const detail = 'the delivery could not be taken at the moment; send it again';
    const retryAfter = retryAfterSeconds(random);
    throw new ProblemError({ status: 503, code: 'webhooks-unavailable', detail, retryAfter }, { cause });
  }
}

/** The same words for an endpoint that there is not and for one whose secret the sender lacks. */
function notVerified(status: 401 | 404): ProblemError {
  return new ProblemError({
    status,
    code: 'not-verified',
    detail: 'nobody who may send here has signed this; check the address, the secret and the clock',
  });
}

function refuseDisabled({ report }: ReceiveProps, endpoint: Endpoint): ProblemError {
  report?.('disabled', endpoint);
  const detail = 'this endpoint is switched off; remove it at the provider, or ask for it to be enabled';
  return new ProblemError({ status: 410, code: 'endpoint-disabled', detail });
}

function refuseTooLarge({ report }: ReceiveProps): ProblemError {
  report?.('too-large');
  const detail = `the body is larger than ${MAX_BODY_BYTES} bytes`;
  return new ProblemError({ status: 413, code: 'body-too-large', detail });
}
