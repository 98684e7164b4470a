import { hash } from 'node:crypto';
import type { Endpoint, EndpointStore } from '../domain/webhooks/endpoint.ts';
import { sortedForm } from '../domain/webhooks/form.ts';
import { findDeliveryId } from '../domain/webhooks/map-delivery.ts';
import { compileMapping, type Mapping } from '../domain/webhooks/mapping.ts';
import { readPayload } from '../domain/webhooks/payload.ts';
import { type BodyStore, datarefOf, type QueuedMessage } from '../domain/webhooks/queued.ts';
import type { Scheme } from '../domain/webhooks/scheme.ts';
import { hasField, parseTemplate } from '../domain/webhooks/template.ts';

/** A delivery with all that normalising asks for. */
export interface ReadDelivery {
  readonly endpoint: Endpoint;
  readonly mapping: Mapping;
  readonly deliveryId: string;
  readonly body: Buffer;
  /** Hash of what the signature is over, for deliveries that could be sent again by whoever captured one. */
  readonly signedHash: string;
  readonly dataref?: string;
}

export interface ReadPorts {
  readonly endpoints: EndpointStore;
  readonly bodies: BodyStore;
}

const compiled = new WeakMap<Endpoint, Mapping>();

/** @throws where a part can't be had: the queue then brings the message again. */
export async function readDelivery(
  message: QueuedMessage,
  { endpoints, bodies }: ReadPorts,
): Promise<ReadDelivery> {
  // Also where it was disabled since: what was answered with 202 is counted.
  const endpoint = await endpoints.find(message.endpoint);
  if (endpoint?.tenant !== message.tenant) throw new Error(`there is no endpoint ${message.name} any more`);
  const mapping = mappingOf(endpoint);
  const kept = typeof message.body === 'string' ? undefined : message.body;
  const body = kept ? await bodies.get(kept) : Buffer.from(message.body as string, 'base64');
  const signedHash = hash('sha256', signedBytes(endpoint.scheme, body), 'hex');
  return {
    ...{ endpoint, mapping, body, signedHash },
    deliveryId: message.deliveryId ?? idIn(mapping, message, body) ?? `body-${signedHash}`,
    ...(kept && { dataref: datarefOf(kept) }),
  };
}

function mappingOf(endpoint: Endpoint): Mapping {
  const known = compiled.get(endpoint);
  if (known) return known;
  const mapping = compileMapping(endpoint.mapping);
  compiled.set(endpoint, mapping);
  return mapping;
}

function idIn(mapping: Mapping, { headers }: QueuedMessage, body: Buffer): string | undefined {
  if (!mapping.id) return undefined;
  return findDeliveryId(mapping, {
    headers,
    payload: readPayload(body, headers['content-type'], mapping.jsonField),
  });
}

/** Where a form's fields are signed in sorted order, other orders of them are the same delivery. */
function signedBytes(scheme: Scheme, body: Buffer): Buffer {
  if (scheme.kind !== 'hmac' || !hasField(parseTemplate(scheme.template), 'form')) return body;
  return sortedForm(body) ?? body;
}
