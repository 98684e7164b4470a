import type { Contracts } from '../contract.ts';
import { type Countable, countableEvent, countableQuarantine, type Refusal } from '../count-events.ts';
import type { QuarantineEnvelope } from '../envelope.ts';
import { hashIdentity, IDENTITY_BYTES } from '../identity.ts';
import { isAccepted } from '../log-record.ts';
import { type ArchivedRecord, mayBeOtherBuilds } from './archived-record.ts';
import type { EventLine, RefusedLine, ShuffleLine } from './shuffle.ts';
import type { Wanted } from './wanted-lines.ts';

/**
 * What reading objects came to, by name. `accepted` and `replayed` are events of records that arrived in the range, sent
 * for the first time and by recovery.
 */
export type Counts = Record<string, number>;

export function addTo(counts: Counts, name: string, more = 1): void {
  counts[name] = (counts[name] ?? 0) + more;
}

/**
 * A record's lines, as far as they are wanted, placed as the projector places them (`group-events.ts`). What can't be
 * counted by this build gives no line, but is in `counts`: `uncountable` events, `unreadable` records, and those of them that `otherBuilds` may read.
 *
 * @param object key of the archive object
 */
export function* shuffleRecord(
  record: ArchivedRecord,
  object: string,
  contracts: Contracts,
  wanted: Wanted,
  counts: Counts,
): Generator<ShuffleLine> {
  const { envelope } = record;
  if (!envelope) {
    addTo(counts, 'unreadable');
    if (mayBeOtherBuilds(record)) addTo(counts, 'otherBuilds');
  } else if ('mark' in envelope) {
    addTo(counts, 'marks');
  } else if ('quarantine' in envelope) {
    if (isInTime(record, wanted)) addTo(counts, 'quarantined');
    if (wanted.events) yield* quarantineLines(record, envelope, object, contracts, wanted);
  } else {
    const base = { object, shardId: record.shardId, sequence: record.sequence };
    const { replay } = envelope;
    const sending = replay === undefined ? {} : { replay };
    const inTime = isInTime(record, wanted);
    if (inTime) addTo(counts, replay !== undefined ? 'replayed' : 'accepted', envelope.events.length);
    for (const [index, accepted] of envelope.events.entries()) {
      const countable = guarded(() => countableEvent(contracts, envelope.tenant, accepted.event));
      if (!countable) {
        if (inTime) addTo(counts, 'uncountable');
      } else if (wanted.bucket(countable.key)) {
        const origin = accepted.origin ?? `${record.shardId}:${record.sequence}:${index}`;
        if (wanted.identities) yield identityLine(countable, origin);
        else if (wanted.events && inTime)
          yield { kind: 'event', ...countable, ...base, index, origin, ...sending };
      }
    }
  }
}

function isInTime({ arrived }: ArchivedRecord, wanted: Wanted): boolean {
  return wanted.arrival(Date.parse(arrived));
}

/** What throws, the projector refuses likewise. */
function guarded(toCountable: () => Countable | Refusal): Countable | undefined {
  try {
    const countable = toCountable();
    return 'code' in countable ? undefined : countable;
  } catch {
    return undefined;
  }
}

function identityLine({ key, source, id }: Countable, origin: string): ShuffleLine {
  const identity = hashIdentity(key.tenant, source, id).toString('hex', 0, IDENTITY_BYTES);
  return { kind: 'identity', identity, key, origin };
}

/** The piece itself, and, where the projector says by it that it refused an event, that. */
function* quarantineLines(
  record: ArchivedRecord,
  envelope: QuarantineEnvelope,
  object: string,
  contracts: Contracts,
  wanted: Wanted,
): Generator<EventLine | RefusedLine> {
  const { shardId, sequence } = record;
  const { quarantine, tenant, at, replay } = envelope;
  const countable = guarded(() => countableQuarantine(tenant, at, quarantine));
  if (countable && wanted.bucket(countable.key) && isInTime(record, wanted)) {
    const place = { object, shardId, sequence, index: 0, origin: quarantine.origin };
    yield { kind: 'event', ...countable, ...place, ...(replay !== undefined && { replay }) };
  }
  // Said of an event of the range, it may itself have come after it.
  const refused = refusedLine(envelope, contracts);
  if (refused && wanted.bucket(refused.key)) yield refused;
}

/** A place in the log, by which the projector names what it refused; what ingest refuses is named by its receipt. */
const POSITION = /^shardId-\d+:\d+:\d+$/;

function refusedLine(
  { tenant, quarantine, replay }: QuarantineEnvelope,
  contracts: Contracts,
): RefusedLine | undefined {
  const { origin, input, schema, code } = quarantine;
  const accepted = { schema, event: input };
  if (!POSITION.test(origin) || !isAccepted(accepted)) return undefined;
  const countable = guarded(() => countableEvent(contracts, tenant, accepted.event));
  if (!countable) return undefined;
  // The projector hands on by what the event was sent.
  return { kind: 'refused', key: countable.key, origin, code, ...(replay !== undefined && { replay }) };
}
