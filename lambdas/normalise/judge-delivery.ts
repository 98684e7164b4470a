import type { ItemRefusal } from '../domain/check-event.ts';
import type { CloudEvent } from '../domain/cloudevent.ts';
import type { Contracts, ValidatingContract } from '../domain/contract.ts';
import type { Credential } from '../domain/credential.ts';
import type { AcceptedEvent, QuarantineCode } from '../domain/envelope.ts';
import { judgeEvent } from '../domain/judge-event.ts';
import type { SentItem } from '../domain/read-cloudevents.ts';
import { type Endpoint, producerOf } from '../domain/webhooks/endpoint.ts';
import type { Held } from '../domain/webhooks/hold-delivery.ts';

/** An event that may be counted, or why it may not. */
export type Judged =
  | { readonly accepted: AcceptedEvent; readonly subject: string }
  | { readonly refusal: Held['refusal']; readonly type?: string };

/**
 * Judges a delivery's event as those that are sent to POST /v1/events.
 * @param firstReceipt By its first receipt, so that a repetition is judged as the first one was (P2).
 */
export function judgeDelivery(
  item: SentItem,
  endpoint: Endpoint,
  firstReceipt: string,
  contracts: Contracts<ValidatingContract>,
): Judged {
  const law = { contracts, credential: credentialOf(endpoint), receivedMs: Date.parse(firstReceipt) };
  const judgement = judgeEvent(item, law);
  if ('refusal' in judgement) {
    const type = judgement.event?.type;
    return { refusal: heldAs(judgement.refusal), ...(type !== undefined && { type }) };
  }
  const { schema, event } = judgement;
  return { accepted: { schema, event: item.exact as CloudEvent }, subject: event.subject };
}

/** An endpoint may send every type that its mapping names: an operator wrote it. */
function credentialOf({ tenant, name, endpoint }: Endpoint): Credential {
  const producer = producerOf({ name });
  return {
    tenant,
    producer,
    types: ['*'],
    scopes: ['events:write'],
    status: 'active',
    keyId: endpoint.slice(0, 12),
  };
}

/** The codes of ingress, as quarantine has them: there is nobody here to refuse anything to. */
export function heldAs({ code, ...rest }: ItemRefusal): Held['refusal'] {
  return { ...rest, code: HELD[code] ?? (code as QuarantineCode) };
}

const HELD: Partial<Record<ItemRefusal['code'], QuarantineCode>> = {
  'unknown-type': 'no-contract',
  'nested-too-deep': 'invalid-cloudevent',
};
