import { decodeEnvelope, type LogRecord } from '../domain/log-record.ts';
import type { Correlation } from './logger.ts';

/** Where a record of the log is, and whose. */
export interface AboutRecord extends Correlation {
  readonly shard: string;
  readonly sequence: string;
  readonly subject?: string;
}

/** The keys by which what is said of a record can be followed to its request. Reads it, so use it where something went wrong. */
export function aboutRecord({ shardId, sequence, data }: LogRecord): AboutRecord {
  const place = { shard: shardId, sequence };
  const envelope = decodeEnvelope(data);
  if (!envelope || 'mark' in envelope) return place;
  const { receipt, trace, tenant, producer } = envelope;
  const subject = 'events' in envelope ? envelope.events[0]?.event.subject : undefined;
  return {
    ...{ ...place, receipt, tenant, producer },
    ...(trace !== undefined && { trace }),
    ...(subject !== undefined && { subject }),
  };
}
