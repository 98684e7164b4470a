import type { CloudEvent } from '../lambdas/domain/cloudevent.ts';
import type { LogRecord } from '../lambdas/domain/log-record.ts';
import { partitionKeyOf } from '../lambdas/domain/partition-key.ts';
import { SHARD } from './emulate/pretend-log.ts';
import { PRODUCER } from './weir-ingest.ts';
import { type Batch, TENANT } from './workloads.ts';

let written = 0;

/** An envelope of one subject's events as ingest writes it, as a record of the log. */
export function envelopeRecord(
  events: readonly CloudEvent[],
  arrivedMs = Date.parse(events[0]!.time!),
): LogRecord {
  written += 1;
  const envelope = {
    ...{ v: 1, iid: '0123456789abcdef', n: written, acked: [[written - 1, written - 1]], build: 'bench' },
    ...{ tenant: TENANT, producer: PRODUCER, at: new Date(arrivedMs).toISOString() },
    receipt: `0b7ad2c5-4f0c-4a55-9d6e-${String(written).padStart(12, '0')}`,
    trace: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    events: events.map((event) => ({ schema: 1, event })),
  };
  const sequence = `4960${String(written).padStart(52, '0')}`;
  return { shardId: SHARD, sequence, arrivedMs, data: Buffer.from(JSON.stringify(envelope)) };
}

/** A batch as the log hands it over: one record for each subject. */
export function recordsOf({ events, atMs }: Batch): LogRecord[] {
  const bySubject = Map.groupBy(events, ({ subject }) => subject);
  return [...bySubject.values()].map((each) => envelopeRecord(each, atMs));
}

/** A record as Lambda's event source mapping hands it to a function. */
export function toEventRecord({ shardId, sequence, arrivedMs, data }: LogRecord, subject: string) {
  return {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: partitionKeyOf(TENANT, subject),
      sequenceNumber: sequence,
      data: data.toString('base64'),
      approximateArrivalTimestamp: arrivedMs / 1000,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${shardId}:${sequence}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: 'arn:aws:iam::111122223333:role/weir-project',
    awsRegion: 'us-east-1',
    eventSourceARN: 'arn:aws:kinesis:us-east-1:111122223333:stream/weir-log',
  };
}
