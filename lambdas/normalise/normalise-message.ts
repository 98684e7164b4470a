import type { Contracts, ValidatingContract } from '../domain/contract.ts';
import type { QuarantineCode } from '../domain/envelope.ts';
import type { FingerprintRegistry } from '../domain/fingerprint.ts';
import type { LogEntry } from '../domain/log.ts';
import { partitionKeyOf } from '../domain/partition-key.ts';
import type { BodyClaim, Deliveries } from '../domain/webhooks/deliveries.ts';
import { producerOf } from '../domain/webhooks/endpoint.ts';
import { type Held, holdDelivery, inputOf } from '../domain/webhooks/hold-delivery.ts';
import { normaliseDelivery } from '../domain/webhooks/normalise-delivery.ts';
import type { QueuedMessage } from '../domain/webhooks/queued.ts';
import { heldAs, judgeDelivery } from './judge-delivery.ts';
import { type ReadDelivery, type ReadPorts, readDelivery } from './read-delivery.ts';

export interface NormalisePorts extends ReadPorts {
  readonly contracts: Contracts<ValidatingContract>;
  readonly deliveries: Deliveries;
  readonly fingerprints: FingerprintRegistry;
}

/** What is to be written to the log of a delivery. */
export interface Normalised {
  readonly entry: LogEntry;
  readonly outcome: 'accepted' | QuarantineCode;
}

/** First receipts are remembered for so long beyond the time that an event of the type is taken. */
const MARGIN_MS = 14 * 86_400_000;

/**
 * Makes a delivery an event, or a piece of quarantine. Whatever is asked again gives the same answer, so that it may be
 * done over from the start after a crash at any point: the log then holds an event twice, which is counted once (P2).
 * @throws where something that it needs does not answer: the queue then brings the message again (P3).
 */
export async function normaliseMessage(message: QueuedMessage, ports: NormalisePorts): Promise<Normalised> {
  const read = await readDelivery(message, ports);
  const { endpoint, deliveryId, mapping } = read;
  const hold = holder(message, read, ports);
  const { name, provider } = endpoint;
  const normalised = normaliseDelivery({ name, provider, mapping }, { ...read, headers: message.headers });
  if ('code' in normalised) return hold(heldAs(normalised), { input: inputOf(message, deliveryId) });
  const claim = await claimBody(message, read, ports.deliveries);
  if (claim.deliveryId !== deliveryId) return hold(replayed(claim), { input: inputOf(message, deliveryId) });
  const { mapped, billedHash, eventAt } = normalised;
  const fixed = await ports.deliveries.fix(
    endpoint.endpoint,
    deliveryId,
    { time: claim.time, hash: billedHash },
    keepSeconds(ports.contracts, mapped.type),
  );
  const item = eventAt(fixed.time);
  const { type } = mapped;
  const known = { type, at: fixed.time };
  if (fixed.hash !== billedHash) {
    const origin = `${endpoint.endpoint}/${deliveryId}#${billedHash.slice(0, 16)}`;
    return hold(CONFLICT, { ...known, origin, input: item.exact });
  }
  const judged = judgeDelivery(item, endpoint, fixed.time, ports.contracts);
  if ('refusal' in judged) return hold(judged.refusal, { ...known, input: item.exact });
  const { tenant, receipt, trace } = message;
  const events = [judged.accepted];
  const draft = { tenant, producer: producerOf(endpoint), at: fixed.time, receipt, trace, events };
  return { outcome: 'accepted', entry: { draft, partitionKey: partitionKeyOf(tenant, judged.subject) } };
}

/**
 * Who captured a delivery can send it under another id where the id is not signed, and at any time where no time is.
 * So such a body belongs to the delivery that it came with first, and to that moment, for ever.
 */
async function claimBody(
  { endpoint, idSigned, timeSigned, receivedAt }: QueuedMessage,
  { deliveryId, signedHash }: ReadDelivery,
  deliveries: Deliveries,
): Promise<BodyClaim> {
  const claim = { deliveryId, time: receivedAt };
  return idSigned && timeSigned ? claim : deliveries.claimBody(endpoint, signedHash, claim);
}

const CONFLICT: Held['refusal'] = {
  code: 'conflict',
  detail:
    'this delivery id came before with other mapped fields: the provider changed it, or the mapping was changed since',
};

function replayed({ deliveryId, time }: BodyClaim): Held['refusal'] {
  const detail = `the same body came at ${time} under the delivery id ${JSON.stringify(deliveryId)}`;
  return { code: 'replayed-body', detail };
}

function holder(message: QueuedMessage, { deliveryId }: ReadDelivery, { fingerprints }: NormalisePorts) {
  const origin = `${message.endpoint}/${deliveryId}`;
  return async (
    refusal: Held['refusal'],
    more: Pick<Held, 'input'> & Partial<Held>,
  ): Promise<Normalised> => ({
    outcome: refusal.code,
    entry: await holdDelivery(message, { origin, at: message.receivedAt, refusal, ...more }, fingerprints),
  });
}

/** A type without a contract may get one while the delivery waits in quarantine: any of the bounds may be its own then. */
function keepSeconds(contracts: Contracts, type: string): number {
  const contract = contracts.get(type);
  const late = contract
    ? contract.lateMs
    : Math.max(0, ...[...contracts.values()].map(({ lateMs }) => lateMs));
  return Math.ceil((late + MARGIN_MS) / 1000);
}
