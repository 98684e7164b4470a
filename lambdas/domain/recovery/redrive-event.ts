import type { CloudEvent } from '../cloudevent.ts';
import { MAX_EVENT_BYTES } from '../cloudevent.ts';
import type { Contracts, ValidatingContract } from '../contract.ts';
import type { QuarantineEnvelope } from '../envelope.ts';
import { judgeEvent } from '../judge-event.ts';
import type { LogEntry } from '../log.ts';
import { partitionKeyOf } from '../partition-key.ts';
import { readStructured } from '../read-cloudevents.ts';
import type { QueuedMessage } from '../webhooks/queued.ts';
import { type ArchivedRecord, exactInput } from './archived-record.ts';
import { applyPatch } from './json-patch.ts';
import { isDelivery, rebuildDelivery } from './rebuild-delivery.ts';
import { provenanceOf } from './replay-envelope.ts';
import type { PatchOperation } from './request.ts';
import type { Finding } from './run.ts';

export interface RedriveLaw {
  readonly contracts: Contracts<ValidatingContract>;
  readonly requestId: string;
  readonly patch?: readonly PatchOperation[];
}

/** What becomes of one piece of quarantine: it goes into the log, or back to the webhooks' queue, or stays held. */
export type Redriven =
  | { readonly entry: LogEntry }
  | { readonly delivery: QueuedMessage }
  | { readonly held: 'notFixed' | 'stillRefused' | 'notRebuilt'; readonly finding: Finding };

/**
 * Tries a piece of quarantine again: mended by the patch, if there is one, then judged as it was when it was received.
 * The operator who asks stands for the credential: every type of the envelope's own tenant. What passes keeps its
 * receipt and its time of arrival; its origin is the quarantine's, so that a second refusal counts nothing twice.
 */
export function redriveEvent(record: ArchivedRecord, law: RedriveLaw): Redriven {
  const envelope = record.envelope as QuarantineEnvelope;
  const where = envelope.quarantine.origin;
  const input = exactInput(record);
  if (isDelivery(input)) return redriveDelivery(envelope, input, law, where);
  if (typeof input !== 'object' || input === null) {
    const detail = 'of what was sent only a part is held, or bytes that are no JSON';
    return held(
      'notRebuilt',
      where,
      detail,
      'its origin names what holds the whole: the receipt, or the record',
    );
  }
  const text = JSON.stringify(input);
  const patched = law.patch ? applyPatch(text, law.patch) : { text };
  if ('problem' in patched) {
    const action = 'it stays held; give this fingerprint another patch';
    return held('notFixed', where, `the patch does not fit: ${patched.problem}`, action);
  }
  return judge(envelope, patched.text, law, where);
}

function redriveDelivery(
  envelope: QuarantineEnvelope,
  input: Readonly<Record<string, unknown>>,
  { patch }: RedriveLaw,
  where: string,
): Redriven {
  if (patch) {
    const detail = 'it is a webhook as its provider signed it, and no event yet';
    return held('notFixed', where, detail, "correct the endpoint's mapping, and redrive it without a patch");
  }
  const delivery = rebuildDelivery(envelope, input);
  if (delivery) return { delivery };
  const detail = 'the webhook can not be put together again from what is held';
  return held('notRebuilt', where, detail, 'ask the provider to deliver it again');
}

function judge(
  envelope: QuarantineEnvelope,
  text: string,
  { contracts, requestId }: RedriveLaw,
  where: string,
): Redriven {
  const { tenant, producer, at, quarantine } = envelope;
  if (Buffer.byteLength(text) > MAX_EVENT_BYTES) {
    const detail = `it is more than ${MAX_EVENT_BYTES} bytes as JSON`;
    return held('stillRefused', where, detail, 'it stays held');
  }
  const item = readStructured(text)[0]!;
  const judgement = judgeEvent(item, {
    contracts,
    credential: {
      ...{ tenant, producer, types: ['*'], scopes: ['events:write'], status: 'active' },
      keyId: 'redrive',
    },
    receivedMs: Date.parse(at),
  });
  if ('refusal' in judgement) {
    const { code, pointer, detail } = judgement.refusal;
    const action = 'it stays held: mend the cause, or give it a patch that does';
    return held('stillRefused', where, `${code}${pointer ? ` at ${pointer}` : ''}: ${detail}`, action);
  }
  const { schema, event } = judgement;
  const accepted = { schema, event: item.exact as CloudEvent, origin: quarantine.origin };
  return {
    entry: {
      draft: { ...provenanceOf(envelope, requestId), events: [accepted] },
      partitionKey: partitionKeyOf(tenant, event.subject),
    },
  };
}

const KINDS = {
  notFixed: 'patch-failed',
  stillRefused: 'still-refused',
  notRebuilt: 'not-redrivable',
} as const;

function held(why: keyof typeof KINDS, where: string, detail: string, action: string): Redriven {
  return { held: why, finding: { kind: KINDS[why], where, detail, action } };
}
