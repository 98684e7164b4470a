import type { Refusal } from '../domain/count-events.ts';
import type { QuarantineDraft } from '../domain/envelope.ts';
import { type FingerprintRegistry, fingerprintOf } from '../domain/fingerprint.ts';
import type { LogEntry, LogWriter } from '../domain/log.ts';
import type { LogRecord } from '../domain/log-record.ts';
import { partitionKeyOf } from '../domain/partition-key.ts';
import type { Place } from './group-events.ts';

/** Who stands in for a sender where a record can't be read. */
export const UNREADABLE = { tenant: 'weir', producer: 'log' } as const;
const MAX_RAW_BYTES = 512 * 1024;
/** In JSON each may take up to three bytes. */
const MAX_CUT_CHARACTERS = 128 * 1024;

export interface QuarantinePorts {
  readonly log: LogWriter;
  readonly fingerprints: FingerprintRegistry;
}

/** A refusal to be kept, and the record of the batch that may not be acknowledged before it is. */
export interface ToQuarantine {
  readonly record: number;
  readonly draft: QuarantineDraft;
}

/**
 * The quarantine of an event that the projector refused. Its origin is the event's place in the log, so that a batch
 * taken again quarantines it once. For the same reason its fingerprint must be the same each time: without the registry
 * there is none.
 * @throws what the registry throws
 */
export async function quarantineEvent(
  place: Place,
  refusal: Refusal,
  { fingerprints }: QuarantinePorts,
): Promise<ToQuarantine> {
  const { envelope, accepted, origin } = place;
  const { tenant, producer, at, receipt, trace, replay } = envelope;
  const type = accepted?.event.type;
  const cause = { tenant, producer, code: refusal.code, ...(type !== undefined && { type }) };
  return {
    record: place.record,
    draft: {
      tenant,
      producer,
      at,
      receipt,
      ...(trace !== undefined && { trace }),
      ...(replay !== undefined && { replay }),
      quarantine: {
        ...refusal,
        fingerprint: await fingerprints.admit(
          tenant,
          producer,
          fingerprintOf({ ...cause, ...(refusal.pointer !== undefined && { place: refusal.pointer }) }),
        ),
        origin,
        ...(type !== undefined && { type }),
        ...(accepted && { schema: accepted.schema }),
        input: inputOf(accepted?.event),
      },
    },
  };
}

/**
 * As it was sent; or its beginning, as text, where that would not fit a record: `1e20` is written out in 21 digits. The
 * origin names the record that holds the whole.
 */
function inputOf(event: unknown): unknown {
  const text = JSON.stringify(event) ?? '';
  return Buffer.byteLength(text) <= MAX_RAW_BYTES ? event : text.slice(0, MAX_CUT_CHARACTERS);
}

/** The quarantine of a record that holds no envelope: nobody's, but kept. @throws what the registry throws */
export async function quarantineRecord(
  record: LogRecord,
  index: number,
  { fingerprints }: QuarantinePorts,
): Promise<ToQuarantine> {
  const { tenant, producer } = UNREADABLE;
  const fingerprint = fingerprintOf({ tenant, producer, code: 'projection-failed', place: 'envelope' });
  return {
    record: index,
    draft: {
      tenant,
      producer,
      at: new Date(record.arrivedMs).toISOString(),
      receipt: record.sequence,
      quarantine: {
        code: 'projection-failed',
        fingerprint: await fingerprints.admit(tenant, producer, fingerprint),
        detail: 'the record holds no envelope that this build can read; the archive has its bytes',
        origin: `${record.shardId}:${record.sequence}`,
        input: record.data.subarray(0, MAX_RAW_BYTES).toString('base64'),
      },
    },
  };
}

/** Writes them to the log; returns the records whose quarantine is not known to be there. */
export async function publishQuarantine(
  items: readonly ToQuarantine[],
  { log }: QuarantinePorts,
  deadline: number,
): Promise<readonly number[]> {
  if (items.length === 0) return [];
  const entries = items.map(
    ({ draft }): LogEntry => ({
      draft,
      partitionKey: partitionKeyOf(draft.tenant, draft.quarantine.fingerprint),
    }),
  );
  const acknowledged = await log.publish(entries, deadline);
  return items.filter((_, index) => !acknowledged[index]).map(({ record }) => record);
}
