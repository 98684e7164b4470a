import type { BucketKey } from '../domain/bucket.ts';
import type { Contracts } from '../domain/contract.ts';
import { type Countable, countableEvent, countableQuarantine, type Refusal } from '../domain/count-events.ts';
import type { AcceptedEvent, EventsEnvelope, QuarantineEnvelope } from '../domain/envelope.ts';
import { headKey, subjectKey } from '../domain/keys.ts';
import { decodeEnvelope, type LogRecord } from '../domain/log-record.ts';
import { projectionFailed } from './count-bucket.ts';

/** Where an event stands in the batch. */
export interface Place {
  /** Index of its record in the batch. */
  readonly record: number;
  readonly envelope: EventsEnvelope | QuarantineEnvelope;
  /** The accepted event, or undefined for a piece of quarantine. */
  readonly accepted?: AcceptedEvent;
  /** Unique and stable name of the event in the log, for its quarantine. */
  readonly origin: string;
}

/** All events of one batch for one bucket, in the log's order. */
export interface Group {
  readonly key: BucketKey;
  readonly events: Countable[];
  readonly places: Place[];
}

/** A batch taken apart. */
export interface Grouped {
  readonly groups: readonly Group[];
  /** What can't be counted whatever the state, in the log's order. */
  readonly refused: readonly { readonly place: Place; readonly refusal: Refusal }[];
  /** Indices of records that hold no envelope of this version. */
  readonly undecodable: readonly number[];
  readonly marks: readonly { readonly record: number; readonly mark: string }[];
}

/** Takes a batch apart by bucket. Nothing in it can throw: what is not understood is named in the result. */
export function groupEvents(records: readonly LogRecord[], contracts: Contracts): Grouped {
  const groups = new Map<string, Group>();
  const refused: { place: Place; refusal: Refusal }[] = [];
  const undecodable: number[] = [];
  const marks: { record: number; mark: string }[] = [];

  let last: Group | undefined;
  const groupOf = (key: BucketKey): Group => {
    // A record's events are of one subject, and mostly of one bucket.
    if (last && isSameBucket(last.key, key)) return last;
    const name = `${subjectKey(key.tenant, key.subject)} ${headKey(key.type, key.window)}`;
    last = groups.get(name);
    if (!last) {
      last = { key, events: [], places: [] };
      groups.set(name, last);
    }
    return last;
  };
  const add = (place: Place, countable: Countable) => {
    const group = groupOf(countable.key);
    group.events.push(countable);
    group.places.push(place);
  };

  for (const [record, { data, shardId, sequence }] of records.entries()) {
    const envelope = decodeEnvelope(data);
    if (!envelope) {
      undecodable.push(record);
    } else if ('mark' in envelope) {
      marks.push({ record, mark: envelope.mark });
    } else if ('quarantine' in envelope) {
      const { quarantine, tenant, at } = envelope;
      const countable = guarded(() => countableQuarantine(tenant, at, quarantine));
      // Quarantine of quarantine would have no end: what can't be counted as such is kept as a record.
      if ('code' in countable) undecodable.push(record);
      else add({ record, envelope, origin: quarantine.origin }, countable);
    } else {
      const position = `${shardId}:${sequence}:`;
      for (const [index, accepted] of envelope.events.entries()) {
        const place = { record, envelope, accepted, origin: accepted.origin ?? position + index };
        const countable = guarded(() => countableEvent(contracts, envelope.tenant, accepted.event));
        if ('code' in countable) refused.push({ place, refusal: countable });
        else add(place, countable);
      }
    }
  }
  return { groups: [...groups.values()], refused, undecodable, marks };
}

function isSameBucket(a: BucketKey, b: BucketKey): boolean {
  return a.subject === b.subject && a.window === b.window && a.type === b.type && a.tenant === b.tenant;
}

function guarded(toCountable: () => Countable | Refusal): Countable | Refusal {
  try {
    return toCountable();
  } catch (error) {
    return projectionFailed(error);
  }
}
