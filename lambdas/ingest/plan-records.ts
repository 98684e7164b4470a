import type { ItemRefusal } from '../domain/check-event.ts';
import type { CloudEvent } from '../domain/cloudevent.ts';
import { MAX_EVENT_BYTES } from '../domain/cloudevent.ts';
import type { ShedCode, ShedEvent } from '../domain/control/shed-event.ts';
import type { Credential } from '../domain/credential.ts';
import type { AcceptedEvent, QuarantineCode, Quarantined } from '../domain/envelope.ts';
import { fingerprintOf } from '../domain/fingerprint.ts';
import { type Judgement, judgeEvent, type Law } from '../domain/judge-event.ts';
import type { LogEntry } from '../domain/log.ts';
import { partitionKeyOf } from '../domain/partition-key.ts';
import { contractOfEvent } from '../domain/probe.ts';
import type { SentItem } from '../domain/read-cloudevents.ts';
import type { AdmitFingerprint } from './admit-fingerprint.ts';
import type { Sent } from './read-items.ts';

/** What becomes of one item, once the log has taken what is to be written of it. */
export type Verdict =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'quarantined'; readonly refusal: ItemRefusal }
  | { readonly kind: 'refused'; readonly refusal: ItemRefusal }
  | { readonly kind: 'shed'; readonly code: ShedCode };

/** What to write for a request, and what hangs on it. */
export interface Plan {
  readonly verdicts: readonly Verdict[];
  /** Records for the log, each with the indices of its items. */
  readonly writes: readonly { readonly entry: LogEntry; readonly items: readonly number[] }[];
}

/** What all envelopes of a request say. */
export interface Provenance {
  readonly receipt: string;
  readonly trace: string;
  readonly at: string;
}

/**
 * Judges items and plans their records: one per subject, its events in their order, and one per quarantined item. What is
 * shed leaves no trace, as if it had not come; what could not be counted anyway is quarantined as ever.
 */
export async function planRecords(
  { items, largest }: Sent,
  law: Law,
  provenance: Provenance,
  admit: AdmitFingerprint,
  shed?: ShedEvent,
): Promise<Plan> {
  const { tenant, producer } = law.credential;
  const base = { tenant, producer, ...provenance };
  const measured = largest > MAX_EVENT_BYTES;
  const bySubject = new Map<string, { events: AcceptedEvent[]; items: number[] }>();
  const writes: { entry: LogEntry; items: readonly number[] }[] = [];
  const verdicts: Verdict[] = [];
  for (const [index, item] of items.entries()) {
    const judgement = (measured && refuseLarge(item)) || judgeEvent(item, law);
    const verdict = verdictOf(judgement, law, shed);
    verdicts.push(verdict);
    if (verdict.kind === 'shed') continue;
    if (!('refusal' in judgement)) {
      const { subject } = judgement.event;
      const group = bySubject.get(subject) ?? { events: [], items: [] };
      group.events.push({ schema: judgement.schema, event: item.exact as CloudEvent });
      group.items.push(index);
      bySubject.set(subject, group);
    } else if (verdict.kind === 'quarantined') {
      const quarantine = await quarantined(item, index, judgement, law.credential, provenance.receipt, admit);
      const partitionKey = partitionKeyOf(tenant, quarantine.fingerprint);
      writes.push({ entry: { draft: { ...base, quarantine }, partitionKey }, items: [index] });
    }
  }
  for (const [subject, group] of bySubject) {
    const draft = { ...base, events: group.events };
    writes.push({ entry: { draft, partitionKey: partitionKeyOf(tenant, subject) }, items: group.items });
  }
  return { verdicts, writes };
}

/** Codes of what is refused and not kept: it could not be written, or not safely. */
const NOT_KEPT = new Set<ItemRefusal['code']>(['nested-too-deep', 'event-too-large']);

function verdictOf(judgement: Judgement, { contracts }: Law, shed: ShedEvent | undefined): Verdict {
  if (!('refusal' in judgement)) {
    const code = shed?.(contractOfEvent(contracts, judgement.event.type)!.priority);
    return code === undefined ? { kind: 'accepted' } : { kind: 'shed', code };
  }
  const { refusal } = judgement;
  return { kind: NOT_KEPT.has(refusal.code) ? 'refused' : 'quarantined', refusal };
}

function refuseLarge({ exact, plain }: SentItem): Judgement | undefined {
  let bytes: number;
  try {
    bytes = Buffer.byteLength(JSON.stringify(exact));
  } catch (error) {
    // Too deep to be written out; the judge says so better.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  if (bytes <= MAX_EVENT_BYTES) return undefined;
  const detail = `the event is ${bytes} bytes as JSON; at most ${MAX_EVENT_BYTES} are taken`;
  return { event: plain as CloudEvent, refusal: { code: 'event-too-large', detail } };
}

async function quarantined(
  { plain, exact }: SentItem,
  index: number,
  judgement: Extract<Judgement, { refusal: ItemRefusal }>,
  { tenant, producer }: Credential,
  receipt: string,
  admit: AdmitFingerprint,
): Promise<Quarantined> {
  const { place, detail, pointer, schema } = judgement.refusal;
  const code = judgement.refusal.code as QuarantineCode;
  const type = judgement.event?.type ?? typeOf(plain);
  const known = { ...(type !== undefined && { type }), ...(schema !== undefined && { schema }) };
  const fingerprint = fingerprintOf({
    tenant,
    producer,
    code,
    ...known,
    ...(place !== undefined && { place }),
  });
  return {
    code,
    fingerprint: await admit(fingerprint),
    detail,
    ...(pointer !== undefined && { pointer }),
    origin: `${receipt}/${index}`,
    ...known,
    input: exact,
  };
}

/** The type that a broken event names, if it is fit to be shown. */
function typeOf(plain: unknown): string | undefined {
  const type = (plain as Record<string, unknown> | null)?.type;
  return typeof type === 'string' && /^[\x21-\x7e]{1,128}$/.test(type) ? type : undefined;
}
