import { ENDPOINT } from './endpoint.ts';

/** Where a body is kept that is too large for the queue. */
export interface BodyReference {
  readonly bucket: string;
  readonly key: string;
  /** SHA-256 of the bytes, 64 hex digits. */
  readonly sha256: string;
  readonly bytes: number;
}

/** A verified delivery on its way from `receive` to `normalise`; in the queue it is JSON. */
export interface QueuedMessage {
  readonly v: 1;
  readonly endpoint: string;
  /** Whose it is, so that it can be kept even where the endpoint can't be looked up any more. */
  readonly tenant: string;
  /** Name of the endpoint. */
  readonly name: string;
  readonly receipt: string;
  /** W3C traceparent. */
  readonly trace: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly receivedAt: string;
  /** From the scheme's id header; absent where the id is in the body, or none was sent. */
  readonly deliveryId?: string;
  /** Whether the id is under the signature: if not, who captured the delivery can send it under another. */
  readonly idSigned: boolean;
  /** Whether a time is under the signature: if not, who captured the delivery can send it again at any time. */
  readonly timeSigned: boolean;
  /** Those that the endpoint's mapping reads, by names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The exact bytes received: in base64, or where they are. */
  readonly body: string | BodyReference;
}

/** Largest body that travels in the queue itself, in bytes: in base64 a quarter of what SQS takes. */
export const MAX_INLINE_BYTES = 200 * 1024;

/** Where deliveries wait for `normalise`. */
export interface DeliveryQueue {
  /** Resolves once the queue has the delivery durably. @throws where it may not have it. */
  send(message: QueuedMessage): Promise<void>;
}

/** Where large bodies are kept, for as long as the archive. */
export interface BodyStore {
  /** Keeps a body under its hash; resolves once it is durable. What is there already is well. */
  put(tenant: string, body: Buffer): Promise<BodyReference>;
  /** @throws where it is not there, or is not what the reference says. */
  get(reference: BodyReference): Promise<Buffer>;
}

/** The CloudEvents `dataref` of a body that is kept. */
export function datarefOf({ bucket, key }: BodyReference): string {
  return `s3://${bucket}/${key}`;
}

/** Reads a message of the queue; undefined where it is not one that `receive` writes. */
export function readMessage(text: string): QueuedMessage | undefined {
  let message: Partial<Record<keyof QueuedMessage, unknown>>;
  try {
    message = JSON.parse(text) ?? {};
  } catch {
    return undefined;
  }
  const { v, endpoint, deliveryId, headers, body } = message;
  const texts = [message.tenant, message.name, message.receipt, message.trace, message.receivedAt];
  const sound =
    v === 1 &&
    typeof endpoint === 'string' &&
    ENDPOINT.test(endpoint) &&
    texts.every((each) => typeof each === 'string' && each !== '') &&
    !Number.isNaN(Date.parse(message.receivedAt as string)) &&
    (deliveryId === undefined || typeof deliveryId === 'string') &&
    typeof message.idSigned === 'boolean' &&
    typeof message.timeSigned === 'boolean' &&
    typeof headers === 'object' &&
    headers !== null &&
    (typeof body === 'string' || isReference(body));
  return sound ? (message as unknown as QueuedMessage) : undefined;
}

function isReference(value: unknown): value is BodyReference {
  const { bucket, key, sha256, bytes } = (value ?? {}) as Partial<Record<keyof BodyReference, unknown>>;
  return [bucket, key, sha256].every((each) => typeof each === 'string') && Number.isInteger(bytes);
}
