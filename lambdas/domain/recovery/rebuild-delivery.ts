import type { QuarantineEnvelope } from '../envelope.ts';
import type { QueuedMessage } from '../webhooks/queued.ts';
import { readMessage } from '../webhooks/queued.ts';

const PRODUCER = 'webhook:';

type Json = Readonly<Record<string, unknown>>;

/** Whether what is held is a webhook as it came, and not an event: see `inputOf` in `hold-delivery.ts`. */
export function isDelivery(input: unknown): input is Json {
  return (
    typeof input === 'object' &&
    input !== null &&
    'endpoint' in input &&
    'receivedAt' in input &&
    ('body_base64' in input || 'dataref' in input) &&
    !('specversion' in input)
  );
}

/**
 * The queue's message of a webhook that is held, as `receive` wrote it; undefined where not all of it is there.
 * @param input what {@link isDelivery} is true of
 */
export function rebuildDelivery(
  { tenant, producer, receipt, trace }: QuarantineEnvelope,
  input: Json,
): QueuedMessage | undefined {
  if (!producer.startsWith(PRODUCER)) return undefined;
  const { endpoint, deliveryId, receivedAt, headers, idSigned, timeSigned } = input;
  const message = {
    ...{ v: 1, endpoint, tenant, name: producer.slice(PRODUCER.length), receipt },
    // A trace is asked of every message; one that nobody continues says nothing.
    trace: trace ?? NO_TRACE,
    ...{ receivedAt, ...(deliveryId !== undefined && { deliveryId }), idSigned, timeSigned, headers },
    body: bodyOf(input),
  };
  return readMessage(JSON.stringify(message));
}

/** As W3C Trace Context writes one, with the ids of nothing real. */
const NO_TRACE = `00-${'0'.repeat(31)}1-${'0'.repeat(15)}1-00`;

/** Inline in base64, or where it is. Of a large one the size was not kept, and nobody asks for it: its hash is checked. */
function bodyOf({ body_base64: inline, dataref, datarefhash: sha256 }: Json): unknown {
  if (typeof inline === 'string') return inline;
  const place = typeof dataref === 'string' ? /^s3:\/\/([^/]+)\/(.+)$/s.exec(dataref) : null;
  return place && typeof sha256 === 'string' && { bucket: place[1], key: place[2], sha256, bytes: 0 };
}
