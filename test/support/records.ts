import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import type { LogRecord } from '../../lambdas/domain/log-record.ts';

export const TENANT = 'acme';
export const SHARD = 'shardId-000000000000';

let lastSequence = 10n ** 55n;

/** A log record of these bytes, with the next sequence number. */
export function rawRecord(data: Buffer): LogRecord {
  lastSequence += 1n;
  return {
    shardId: SHARD,
    sequence: String(lastSequence),
    arrivedMs: Date.parse('2026-11-21T09:00:00Z'),
    data,
  };
}

/** A log record of the given envelope, with the next sequence number. */
export function recordOf(envelope: object): LogRecord {
  return rawRecord(Buffer.from(JSON.stringify(envelope)));
}

/** A log record that holds these events in one envelope. */
export function eventsRecord(events: readonly CloudEvent[], more: object = {}): LogRecord {
  return recordOf({
    ...{ v: 1, iid: 'test', n: 1, acked: [], build: 'test' },
    ...{ tenant: TENANT, producer: 'meter', at: '2026-11-21T09:00:00.000Z', receipt: 'r-1' },
    events: events.map((event) => ({ schema: 1, event })),
    ...more,
  });
}

export function markRecord(mark: string): LogRecord {
  return recordOf({ v: 1, iid: 'mark', n: 1, acked: [], build: 'test', at: mark, mark });
}
