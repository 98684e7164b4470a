import type { ItemRefusal } from '../check-event.ts';
import type { Contracts, ValidatingContract } from '../contract.ts';
import { judgeEvent } from '../judge-event.ts';
import { findDeliveryId, type MappedDelivery } from './map-delivery.ts';
import { textOf } from './mapping-value.ts';
import {
  type NormalisedDelivery,
  type NormalisingEndpoint,
  normaliseDelivery,
  type QueuedDelivery,
} from './normalise-delivery.ts';
import { readPayload } from './payload.ts';

/** What would become of a delivery. */
export interface DryRun {
  readonly outcome: 'counted' | 'quarantined';
  /** In words, line by line. Holds parts of the delivery: it is for the one who has it in hand. */
  readonly lines: readonly string[];
  /** The CloudEvent, where the mapping makes one: `JSON.stringify` writes it out exactly. */
  readonly event?: unknown;
  readonly refusal?: ItemRefusal;
}

export interface DryRunInput extends Omit<QueuedDelivery, 'deliveryId'> {
  /** Where the scheme would find it in a header; else the mapping looks for it. */
  readonly deliveryId?: string;
}

/** Stands for an id that was not given: the rest can be tried all the same. */
const NO_ID = 'dry-run';

/**
 * Tries a mapping on a delivery and writes nothing.
 * @param now When it would be received, in ms since the epoch.
 */
export function dryRun(
  endpoint: NormalisingEndpoint,
  input: DryRunInput,
  contracts: Contracts<ValidatingContract>,
  now: number,
): DryRun {
  const deliveryId = input.deliveryId ?? idOf(endpoint, input);
  const id = deliveryId ?? NO_ID;
  const normalised = normaliseDelivery(endpoint, { ...input, deliveryId: id });
  const idLine =
    deliveryId === undefined
      ? 'delivery id: none found; the scheme must bring it in a header'
      : `delivery id: ${id}`;
  if ('code' in normalised) {
    return { outcome: 'quarantined', lines: [idLine, quarantineLine(normalised)], refusal: normalised };
  }
  const receipt = new Date(now).toISOString();
  const { exact, ...item } = normalised.eventAt(receipt);
  const tenant = { tenant: 'dry-run', producer: `webhook:${endpoint.name}`, keyId: '' };
  const credential = { ...tenant, types: ['*'], scopes: [], status: 'active' } as const;
  const judgement = judgeEvent({ ...item, exact }, { contracts, credential, receivedMs: now });
  const lines = [idLine, ...describe(normalised)];
  if (!('refusal' in judgement)) {
    const line = `counted: as version ${judgement.schema} of "${normalised.mapped.type}"`;
    return { outcome: 'counted', lines: [...lines, line], event: exact };
  }
  const { refusal } = judgement;
  return { outcome: 'quarantined', lines: [...lines, quarantineLine(refusal)], event: exact, refusal };
}

function idOf({ mapping }: NormalisingEndpoint, { headers, body }: DryRunInput): string | undefined {
  const payload = readPayload(body, headers['content-type'], mapping.jsonField);
  return findDeliveryId(mapping, { headers, payload });
}

function describe({ mapped }: NormalisedDelivery): string[] {
  return [
    `provider's event: ${mapped.event ?? 'none found'}`,
    mapped.rule === undefined
      ? 'rule: none is for it, so the fallback is used'
      : `rule: rules/${mapped.rule}`,
    `type: ${mapped.type}`,
    `subject: ${mapped.subject}`,
    `time: ${mapped.time ?? 'that of the first receipt'}`,
    `data: ${describeFields(mapped)}`,
  ];
}

function describeFields({ fields }: MappedDelivery): string {
  return fields.map(([name, value]) => `${name} = ${textOf(value)}`).join(', ') || 'the payload alone';
}

/** By the code that quarantine has for it: what a provider sends without a contract waits for one. */
function quarantineLine({ code, detail, pointer }: ItemRefusal): string {
  const held = code === 'unknown-type' ? 'no-contract' : code;
  return `quarantined: ${held}${pointer === undefined ? '' : ` at ${pointer}`}: ${detail}`;
}
