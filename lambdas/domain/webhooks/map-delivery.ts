import { checkEvent, type ItemRefusal } from '../check-event.ts';
import { LIMITS } from '../cloudevent.ts';
import type { Scalar } from './exact-number.ts';
import { type Mapping, type MatchingRule, PAYLOAD, type Rule } from './mapping.ts';
import { TimeError } from './mapping-time.ts';
import { type Source, textOf, ValueError } from './mapping-value.ts';
import type { Payload } from './payload.ts';

/** A verified delivery, read. */
export interface DeliveryToMap {
  /** Name of the provider: lower-case letters, digits and hyphens. */
  readonly provider: string;
  /** Those that the mapping names, by names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Payload;
  readonly deliveryId: string;
}

/** What a mapping makes of a delivery. */
export interface MappedDelivery {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  /** RFC 3339 in canonical form; absent where the time of the first receipt is the event's. */
  readonly time?: string;
  /** Members of the event's data beside the payload, in the order of their names. */
  readonly fields: readonly (readonly [name: string, value: Scalar])[];
  /** Name of the provider's event, where it has one. */
  readonly event?: string;
  /** Index of the rule that was for it; absent where none was and the fallback stood in. */
  readonly rule?: number;
}

/** Longest name of a provider's event that a rule can be for. */
const MAX_EVENT_NAME = 128;
/** What an event is called that has no name, or none that can be one. */
const NAMELESS = 'unknown';

/**
 * Applies a mapping. A delivery that no rule is for becomes an event by the fallback, as does a body without fields, so
 * that nothing is dropped. Refused is what a rule is for and can't be mapped by it, and what no event may hold.
 * Never throws, whatever was sent.
 */
export function mapDelivery(mapping: Mapping, delivery: DeliveryToMap): MappedDelivery | ItemRefusal {
  const source = sourceOf(delivery);
  const { payload } = delivery;
  if (payload.kind !== 'binary' && payload.flawed) return refuseFlaw(delivery.deliveryId, payload);
  try {
    return applyMapping(mapping, delivery, source);
  } catch (error) {
    if (error instanceof NotMapped) return error.refusal;
    throw error;
  }
}

/** Tells why a delivery can't be mapped from what it is mapped to. A refusal's pointer is into the event that was to be. */
export function isRefusal(mapped: MappedDelivery | ItemRefusal): mapped is ItemRefusal {
  return 'code' in mapped;
}

/**
 * The delivery's id as the mapping finds it, for schemes that don't bring one in a header; undefined where there is none
 * that an event could have.
 */
export function findDeliveryId(
  mapping: Mapping,
  delivery: Pick<DeliveryToMap, 'headers' | 'payload'>,
): string | undefined {
  try {
    const id = mapping.id?.(sourceOf(delivery));
    return id === undefined || typeof id === 'boolean' ? undefined : textOf(id);
  } catch (error) {
    if (error instanceof ValueError) return undefined;
    throw error;
  }
}

function sourceOf({ headers, payload }: Pick<DeliveryToMap, 'headers' | 'payload'>): Source {
  return { headers, payload: payload.kind === 'binary' ? undefined : payload.value };
}

/** Carries a refusal out of the depth. */
class NotMapped extends Error {
  override readonly name = 'NotMapped';
  readonly refusal: ItemRefusal;

  constructor(refusal: ItemRefusal) {
    super(refusal.detail);
    this.refusal = refusal;
  }
}

function applyMapping(mapping: Mapping, delivery: DeliveryToMap, source: Source): MappedDelivery {
  const { provider, payload, deliveryId } = delivery;
  const event = readEventName(mapping, source);
  const index = payload.kind === 'binary' ? -1 : mapping.rules.findIndex(isFor(event ?? '', source.payload));
  const rule: Rule = mapping.rules[index] ?? mapping.fallback;
  const place = index < 0 ? 'fallback' : `rules/${index}`;
  const mapped = {
    id: deliveryId,
    type: fillType(rule.type, provider, event),
    subject: readSubject(rule, source, place, index < 0 ? provider : undefined),
    ...readTime(rule, source, place),
    fields: readFields(rule, source, place),
    ...(event !== undefined && { event }),
    ...(index >= 0 && { rule: index }),
  };
  const refusal = refuseAttributes(mapped);
  if (refusal) throw new NotMapped(refusal);
  return mapped;
}

function readEventName({ event }: Mapping, source: Source): string | undefined {
  const found = attempt(() => event(source), '/type', 'event');
  const name = found === undefined ? '' : textOf(found);
  return name.length > 0 && name.length <= MAX_EVENT_NAME ? name : undefined;
}

const isFor = (event: string, payload: unknown) => (rule: MatchingRule, index: number) =>
  attempt(() => rule.matches(event, payload), '/type', `rules/${index}/when`);

/** What a sender names goes into a type as far as types have such characters, so that a contract for it can be written. */
function fillType(template: string, provider: string, event: string | undefined): string {
  const name = (event ?? NAMELESS).replace(/[^\w.-]+/g, '_');
  return template.replaceAll('<provider>', provider).replaceAll('<event>', name).slice(0, LIMITS.type);
}

function readSubject(rule: Rule, source: Source, place: string, otherwise: string | undefined): string {
  const found = attempt(() => rule.subject(source), '/subject', `${place}/subject`);
  if (typeof found === 'boolean')
    throw new NotMapped(failed('/subject', `${place}/subject`, 'it finds a boolean'));
  if (found !== undefined) return textOf(found);
  if (otherwise !== undefined) return otherwise;
  throw new NotMapped(
    failed('/subject', `${place}/subject`, 'the delivery has no subject where the mapping looks for it'),
  );
}

function readTime({ time }: Rule, source: Source, place: string): { readonly time?: string } {
  const found = time && attempt(() => time(source), '/time', `${place}/time`);
  return found === undefined ? {} : { time: found };
}

function readFields({ data }: Rule, source: Source, place: string): MappedDelivery['fields'] {
  return data.flatMap(([name, read]) => {
    const found = attempt(() => read(source), `/data/${name}`, `${place}/data/${name}`);
    return found === undefined ? [] : [[name, found] as const];
  });
}

/** Runs a part of a mapping; what it can't do becomes a refusal that names the part. */
function attempt<T>(run: () => T, pointer: string, place: string): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof TimeError)
      throw new NotMapped({ ...failed(pointer, place, error.message), code: error.code });
    if (error instanceof ValueError) throw new NotMapped(failed(pointer, place, error.message));
    throw error;
  }
}

function failed(pointer: string, place: string, what: string): ItemRefusal {
  return { code: 'mapping-failed', pointer, place, detail: `the mapping's ${place} does not fit: ${what}` };
}

/** Ingress's own check, of the attributes alone. */
function refuseAttributes({ id, type, subject }: MappedDelivery): ItemRefusal | undefined {
  const plain = { specversion: '1.0', id, source: '/webhooks', type, subject };
  const checked = checkEvent({ plain, exact: plain, surrogates: true });
  return 'refusal' in checked ? checked.refusal : undefined;
}

/** Ingress's own words for what no event may hold. */
function refuseFlaw(id: string, { plain }: Extract<Payload, { flawed: boolean }>): ItemRefusal {
  const event = { data: { [PAYLOAD]: plain } };
  const checked = checkEvent({ plain: event, exact: event, surrogates: true });
  if ('refusal' in checked) return checked.refusal;
  throw new Error(`the payload of ${id} is said to be flawed and is not`);
}
