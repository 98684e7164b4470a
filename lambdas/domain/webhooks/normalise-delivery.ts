import { hash } from 'node:crypto';
import type { ItemRefusal } from '../check-event.ts';
import type { CloudEvent } from '../cloudevent.ts';
import { hashParts } from '../identity.ts';
import { mediaTypeOf, type SentItem } from '../read-cloudevents.ts';
import { canonical, type Scalar, toPlain } from './exact-number.ts';
import { isRefusal, type MappedDelivery, mapDelivery } from './map-delivery.ts';
import { type Mapping, PAYLOAD } from './mapping.ts';
import { type FieldPayload, readPayload } from './payload.ts';

/** What normalising asks of an endpoint. */
export interface NormalisingEndpoint {
  readonly name: string;
  readonly provider: string;
  readonly mapping: Mapping;
}

/** A verified delivery as the queue brings it. */
export interface QueuedDelivery {
  readonly deliveryId: string;
  /** Those that the mapping names (`Mapping.headers`), by names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Where the body is kept if it is too large to travel in the event: a URI. */
  readonly dataref?: string;
}

/** A delivery that became an event, but for its time if that is the time of the first receipt. */
export interface NormalisedDelivery {
  readonly mapped: MappedDelivery;
  /**
   * SHA-256, in hex, of what the mapping took from the delivery. A repetition has the same one; another one under the
   * same delivery id is a conflict. Of a delivery that no rule was for it covers the whole body: nobody has said which
   * part of it matters.
   */
  readonly billedHash: string;
  /** The event, ready to be judged as those that are sent to POST /v1/events. @param firstReceipt RFC 3339 */
  readonly eventAt: (firstReceipt: string) => SentItem;
}

/**
 * Turns a delivery into a CloudEvent: its id is the delivery's, its source the endpoint, so that two endpoints never
 * share identities; its data are the mapped fields, with the payload as `payload` beside them. A body that is neither
 * JSON nor a form is kept as `data_base64`; a body that is kept elsewhere as `dataref`
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/extensions/dataref.md) with its SHA-256 as `datarefhash`.
 * Never throws, whatever was sent.
 */
export function normaliseDelivery(
  endpoint: NormalisingEndpoint,
  delivery: QueuedDelivery,
): NormalisedDelivery | ItemRefusal {
  const { provider, mapping } = endpoint;
  const { body, headers, deliveryId } = delivery;
  const payload = readPayload(body, headers['content-type'], mapping.jsonField);
  const mapped = mapDelivery(mapping, { provider, headers, payload, deliveryId });
  if (isRefusal(mapped)) return mapped;
  const bodyHash = hash('sha256', body, 'hex');
  return {
    mapped,
    billedHash: hashBilled(mapped, bodyHash),
    eventAt: (firstReceipt) => {
      const attributes = attributesOf(endpoint.name, mapped, firstReceipt);
      if (delivery.dataref !== undefined)
        return withData({ ...attributes, dataref: delivery.dataref, datarefhash: bodyHash }, mapped);
      return payload.kind === 'binary'
        ? withBytes(attributes, payload.base64, headers['content-type'])
        : withData(attributes, mapped, payload);
    },
  };
}

type Attributes = Omit<CloudEvent, 'data'>;

function attributesOf(
  name: string,
  { id, type, subject, time }: MappedDelivery,
  firstReceipt: string,
): Attributes {
  const source = `/webhooks/${encodeURIComponent(name)}`;
  return { specversion: '1.0', id, source, type, subject, time: time ?? firstReceipt };
}

function withData(attributes: Attributes, { fields }: MappedDelivery, payload?: FieldPayload): SentItem {
  const json = { ...attributes, datacontenttype: 'application/json' };
  const plain = fields.map(([name, value]) => [name, toPlain(value)]);
  const data = (members: unknown[][], kept: unknown) =>
    Object.fromEntries(payload ? [...members, [PAYLOAD, kept]] : members);
  return {
    plain: { ...json, data: data(plain, payload?.plain) },
    exact: { ...json, data: data(fields as unknown as unknown[][], payload?.exact) },
    surrogates: false,
  };
}

/** A content type that is none is left out of the event, so that what was sent is kept all the same. */
function withBytes(attributes: Attributes, base64: string, contentType = ''): SentItem {
  const media = mediaTypeOf(contentType);
  const datacontenttype = /^[\w.+-]{1,64}\/[\w.+-]{1,64}$/.test(media) ? media : 'application/octet-stream';
  const event = { ...attributes, datacontenttype, data_base64: base64 };
  return { plain: event, exact: event, surrogates: false };
}

/** The order in which a mapping names its fields doesn't matter, nor how a number is written: 5 and 5.0 are billed alike. */
function hashBilled({ type, subject, time = '', fields, rule }: MappedDelivery, bodyHash: string): string {
  const parts = fields.flatMap(([name, value]) => [name, spell(value)]);
  const whole = rule === undefined ? bodyHash : '';
  return hashParts([type, subject, time, whole, ...parts]).toString('hex');
}

function spell(value: Scalar): string {
  if (typeof value === 'string') return `text ${value}`;
  if (typeof value === 'boolean') return `boolean ${value}`;
  const text = typeof value === 'number' ? String(value) : value.rawJSON;
  return `number ${canonical(text) ?? text}`;
}
