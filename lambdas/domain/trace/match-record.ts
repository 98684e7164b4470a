import type { AcceptedEvent, EventsEnvelope, QuarantineEnvelope } from '../envelope.ts';
import { isAccepted } from '../log-record.ts';
import type { ArchivedRecord } from '../recovery/archived-record.ts';
import { isSent } from '../recovery/replay-envelope.ts';
import type { Quarantine, Sending, TraceQuestion } from './trace.ts';

/** A sending before it is known what became of it. */
export interface Seen extends Omit<Sending, 'fate' | 'bucket'> {
  readonly tenant: string;
  readonly source: string;
  /** What was accepted; absent of what went to quarantine at once. */
  readonly accepted?: AcceptedEvent;
  /** Said by the projector, of an event that stands in the log elsewhere, under `origin`. */
  readonly ofProjector: boolean;
}

type Asked = Pick<TraceQuestion, 'id' | 'tenant' | 'source' | 'receipt'>;

/** A place in the log, by which the projector names what it refused. */
const POSITION = /^shardId-[^:]+:\d+(?::\d+)?$/;

/** The sendings of the event that a record holds. */
export function* matchRecord(
  record: ArchivedRecord,
  asked: Asked,
  object?: Sending['object'],
): Generator<Seen> {
  if (!isSent(record)) return;
  const { envelope } = record;
  if (asked.tenant !== undefined && envelope.tenant !== asked.tenant) return;
  if (asked.receipt !== undefined && envelope.receipt !== asked.receipt) return;
  const base = baseOf(record, envelope, object);
  if ('quarantine' in envelope) {
    const seen = ofQuarantine(base, envelope, asked.id);
    if (seen && isFrom(seen, asked)) yield seen;
    return;
  }
  for (const [index, accepted] of envelope.events.entries()) {
    const { event, schema, origin = `${record.shardId}:${record.sequence}:${index}` } = accepted;
    if (event.id !== asked.id || !isFrom(event, asked)) continue;
    const time = event.time === undefined ? {} : { time: event.time };
    yield { ...base, index, origin, schema, ...time, source: event.source, accepted, ofProjector: false };
  }
}

function isFrom({ source }: { readonly source: string }, asked: Asked): boolean {
  return asked.source === undefined || source === asked.source;
}

function baseOf(
  { shardId, sequence, arrived }: ArchivedRecord,
  { tenant, producer, at, receipt, trace, replay }: EventsEnvelope | QuarantineEnvelope,
  object: Sending['object'],
) {
  return {
    ...{ tenant, producer, at, receipt, shardId, sequence, arrived },
    ...(trace !== undefined && { trace }),
    ...(replay !== undefined && { replay }),
    ...(object && { object }),
  };
}

type Json = Readonly<Record<string, unknown>>;

/** Of what was kept in quarantine only the input says whose it is, and it may be anything. */
function ofQuarantine(
  base: ReturnType<typeof baseOf>,
  { quarantine, producer }: QuarantineEnvelope,
  id: string,
): Seen | undefined {
  const { code, fingerprint, detail, pointer, origin, input, schema } = quarantine;
  const sent = typeof input === 'object' && input !== null ? (input as Json) : {};
  const isDelivery = sent.id === undefined && sent.deliveryId === id;
  if (sent.id !== id && !isDelivery) return undefined;
  const why: Quarantine = { code, fingerprint, detail, origin, ...(pointer !== undefined && { pointer }) };
  return {
    ...base,
    index: 0,
    origin,
    source: typeof sent.source === 'string' ? sent.source : isDelivery ? sourceOf(producer) : '',
    ...(schema !== undefined && { schema }),
    ...(typeof sent.time === 'string' && { time: sent.time }),
    quarantine: why,
    ofProjector: POSITION.test(origin) && isAccepted({ schema: schema ?? 0, event: input }),
  };
}

/** Of a delivery that became no event: the source of those that do. */
function sourceOf(producer: string): string {
  return `/webhooks/${encodeURIComponent(producer.replace(/^webhook:/, ''))}`;
}
