import type { ItemRefusal } from '../check-event.ts';
import type { QuarantineCode } from '../envelope.ts';
import { type FingerprintRegistry, fingerprintOf } from '../fingerprint.ts';
import type { LogEntry } from '../log.ts';
import { partitionKeyOf } from '../partition-key.ts';
import { producerOf } from './endpoint.ts';
import { datarefOf, type QueuedMessage } from './queued.ts';

/** Why a delivery can't be counted, and what is kept of it. */
export interface Held {
  readonly refusal: Omit<ItemRefusal, 'code'> & { readonly code: QuarantineCode };
  readonly type?: string;
  /** Unique and stable: a delivery that is held twice for one reason is counted once. */
  readonly origin: string;
  /** RFC 3339: the day that it is counted in. */
  readonly at: string;
  readonly input: unknown;
}

type Provenance = Pick<QueuedMessage, 'tenant' | 'name' | 'receipt'> & Partial<Pick<QueuedMessage, 'trace'>>;

/**
 * The quarantine of a delivery, for the log. Its fingerprint must be the same each time: without the registry there is
 * none.
 * @throws what the registry throws
 */
export async function holdDelivery(
  { tenant, name, receipt, trace }: Provenance,
  { refusal, type, origin, at, input }: Held,
  fingerprints: FingerprintRegistry,
): Promise<LogEntry> {
  const producer = producerOf({ name });
  const { code, detail, pointer, place, schema } = refusal;
  const known = { ...(type !== undefined && { type }), ...(schema !== undefined && { schema }) };
  const cause = { tenant, producer, code, ...known, ...(place !== undefined && { place }) };
  const fingerprint = await fingerprints.admit(tenant, producer, fingerprintOf(cause));
  const quarantine = {
    ...{ code, fingerprint, detail, ...(pointer !== undefined && { pointer }) },
    ...{ origin, ...known, input },
  };
  return {
    draft: { tenant, producer, at, receipt, ...(trace !== undefined && { trace }), quarantine },
    partitionKey: partitionKeyOf(tenant, fingerprint),
  };
}

/** A delivery as it came, for one that became no event: enough to try it again. */
export function inputOf(message: QueuedMessage, deliveryId = message.deliveryId): Record<string, unknown> {
  const { endpoint, receivedAt, headers, body, idSigned, timeSigned } = message;
  return {
    endpoint,
    ...(deliveryId !== undefined && { deliveryId }),
    ...{ receivedAt, headers, idSigned, timeSigned },
    ...(typeof body === 'string'
      ? { body_base64: body }
      : { dataref: datarefOf(body), datarefhash: body.sha256 }),
  };
}
