import type { KinesisStreamRecord } from 'aws-lambda';
import type { LogRecord } from '../domain/log-record.ts';

/** A record as the event source mapping hands it over; its `eventID` is `<shard id>:<sequence number>`. */
export function fromEventSource(record: KinesisStreamRecord): LogRecord {
  return {
    shardId: record.eventID.slice(0, record.eventID.indexOf(':')),
    sequence: record.kinesis.sequenceNumber,
    arrivedMs: Math.round(record.kinesis.approximateArrivalTimestamp * 1000),
    data: Buffer.from(record.kinesis.data, 'base64'),
  };
}
