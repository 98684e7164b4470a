import { fingerprintOf } from '../fingerprint.ts';
import type { LogEntry } from '../log.ts';
import { partitionKeyOf } from '../partition-key.ts';
import type { ArchivedRecord } from './archived-record.ts';

/** Who stands in for a sender where a record can't be read. */
const UNREADABLE = { tenant: 'weir', producer: 'log' } as const;
const MAX_RAW_BYTES = 512 * 1024;

/**
 * The quarantine of a record that holds no envelope, as the projector writes it: of the same origin and fingerprint, so
 * that it is counted once whoever writes it, and however often.
 */
export function quarantineUnreadable(record: ArchivedRecord, replay: string): LogEntry {
  const { shardId, sequence, arrived, base64, text } = record;
  const cause = { ...UNREADABLE, code: 'projection-failed', place: 'envelope' } as const;
  const fingerprint = fingerprintOf(cause);
  const data = base64 === undefined ? Buffer.from(text, 'utf8') : Buffer.from(base64, 'base64');
  const quarantine = {
    ...{ code: cause.code, fingerprint },
    detail: 'the record holds no envelope that this build can read; the archive has its bytes',
    origin: `${shardId}:${sequence}`,
    input: data.subarray(0, MAX_RAW_BYTES).toString('base64'),
  };
  return {
    draft: { ...UNREADABLE, at: arrived, receipt: sequence, replay, quarantine },
    partitionKey: partitionKeyOf(UNREADABLE.tenant, fingerprint),
  };
}
