import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import type { LogRecord } from '../../lambdas/domain/log-record.ts';
import { Seeded } from '../random.ts';
import { envelopeRecord, toEventRecord } from '../records.ts';
import { KEY } from '../weir-ingest.ts';
import { eventAt, TYPE } from '../workloads.ts';

/** What Lambda hands to a function at most, as JSON. */
const PAYLOAD_BYTES = 6 * 1024 * 1024;
const MOST_RECORDS = 10_000;
const BODY_BYTES = 4 * 1024 * 1024;
const BODY_EVENTS = 1000;
/** All of the projector's events are of one hour: it has no clock that they could be too old for. */
const AT_MS = Date.parse('2026-11-10T08:30:00Z');

/** A batch of the log as large as an invocation can be: so many events to a record, each record of a subject of its own. */
export function fullBatch(
  eventsEach: number,
  limit = PAYLOAD_BYTES,
): { readonly Records: readonly unknown[] } {
  const random = new Seeded(eventsEach);
  const Records: unknown[] = [];
  for (let bytes = 0; Records.length < MOST_RECORDS; ) {
    const subject = subjectOf(Records.length);
    const record = toEventRecord(envelopeRecord(eventsOf(subject, eventsEach, random)), subject);
    bytes += JSON.stringify(record).length + 1;
    if (bytes > limit) break;
    Records.push(record);
  }
  return { Records };
}

/** What the first so many subjects of a full batch may have been sent before: records of so many events each. */
export function* earlier(subjects: number, eventsEach: number, records: number): Generator<LogRecord[]> {
  const random = new Seeded(subjects);
  for (let record = 0; record < records; record++)
    for (let subject = 0; subject < subjects; subject++)
      yield [envelopeRecord(eventsOf(subjectOf(subject), eventsEach, random))];
}

function subjectOf(index: number): string {
  return `device-${String(index).padStart(6, '0')}`;
}

function eventsOf(subject: string, count: number, random: Seeded): CloudEvent[] {
  return Array.from({ length: count }, () => ({ ...eventAt(AT_MS, { subjects: 1 }, random), subject }));
}

/** The largest request that is taken: 1000 events in 4 MiB. */
export function fullRequest(): object {
  const random = new Seeded(4);
  const room = Math.floor(BODY_BYTES / BODY_EVENTS) - 1;
  const events = Array.from({ length: BODY_EVENTS }, () => {
    const event = recent(random);
    const more = random.hex(room).slice(0, room - JSON.stringify(event).length);
    const data = event.data as { readonly note: string };
    return { ...event, data: { ...data, note: data.note + more } };
  });
  return {
    ...proxyEvent('POST', '/v1/events'),
    body: Buffer.from(JSON.stringify(events)).toString('base64'),
    isBase64Encoded: true,
  };
}

export function usageRequest(): object {
  const query = { subject: 'device-000000', type: TYPE, meter: 'bytes', by: 'hour' };
  const range = { from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' };
  return { ...proxyEvent('GET', '/v1/usage'), queryStringParameters: { ...query, ...range } };
}

export function contractsRequest(): object {
  return proxyEvent('GET', '/v1/contracts');
}

/** An event of just now: ingest has its own clock. */
function recent(random: Seeded): CloudEvent {
  return eventAt(Date.now() - 1000, { subjects: 1000 }, random);
}

function proxyEvent(method: string, path: string): object {
  return {
    ...{ httpMethod: method, path, resource: path, pathParameters: null, body: null, isBase64Encoded: false },
    headers: { 'x-api-key': KEY, 'content-type': 'application/cloudevents-batch+json' },
    ...{ multiValueHeaders: null, queryStringParameters: null, multiValueQueryStringParameters: null },
    requestContext: { requestId: '0b7ad2c5-4f0c-4a55-9d6e-000000000001' },
  };
}
