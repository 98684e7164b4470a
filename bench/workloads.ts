import type { CloudEvent } from '../lambdas/domain/cloudevent.ts';
import { Seeded } from './random.ts';

/** How usage arrives. */
export interface Workload {
  readonly name: string;
  /** Whom it is counted for; each delivery is one of them, at random. */
  readonly subjects: number;
  /** Events of one request, which reach the projector as one batch. */
  readonly batch: number;
  /** Hours that the events spread over, in the order of their time. */
  readonly windows: number;
}

export const METERING: Workload = { name: 'batched metering', subjects: 20, batch: 500, windows: 1 };
export const DEVICES: Workload = { name: 'devices', subjects: 500, batch: 100, windows: 3 };
export const HOT: Workload = { name: 'one hot subject', subjects: 1, batch: 1000, windows: 1 };
export const SINGLE: Workload = { name: 'one event per request', subjects: 500, batch: 1, windows: 2 };
export const WORKLOADS: readonly Workload[] = [METERING, DEVICES, HOT, SINGLE];

/** Deliveries of a workload: of a whole run, and of one that only shows that it works. */
export const DELIVERIES = 20_000;
export const QUICK_DELIVERIES = 2_000;

/** One request's events, and when it arrives (ms since the epoch). */
export interface Batch {
  readonly atMs: number;
  readonly events: readonly CloudEvent[];
}

export const TENANT = 'acme';
export const TYPE = 'network.transfer';
export const EVENT_BYTES = 500;
/** Of ten deliveries, one repeats an earlier one. */
const DUPLICATES = 0.1;
export const START_MS = Date.parse('2026-11-10T08:00:00Z');
const HOUR_MS = 3_600_000;
const TRANSIT_MS = 800;

/**
 * The workload's deliveries, cut into batches. A tenth of them, at random places, repeat one that was delivered before,
 * in the same batch or long ago, byte for byte. The same seed gives the same batches.
 */
export function generate(workload: Workload, deliveries: number, seed = 1): Batch[] {
  const random = new Seeded(seed);
  const repeats = new Set<number>();
  while (repeats.size < Math.floor(deliveries * DUPLICATES)) repeats.add(1 + random.whole(deliveries - 1));
  const sent: CloudEvent[] = [];
  const batches: Batch[] = [];
  let events: CloudEvent[] = [];
  for (let index = 0; index < deliveries; index++) {
    const timeMs = START_MS + Math.floor((index / deliveries) * workload.windows * HOUR_MS);
    const event = repeats.has(index) ? sent[random.whole(sent.length)]! : eventAt(timeMs, workload, random);
    if (!repeats.has(index)) sent.push(event);
    events.push(event);
    if (events.length === workload.batch || index === deliveries - 1) {
      batches.push({ atMs: timeMs + TRANSIT_MS, events });
      events = [];
    }
  }
  return batches;
}

/** An event of exactly {@link EVENT_BYTES} as JSON. */
export function eventAt(
  timeMs: number,
  { subjects }: Pick<Workload, 'subjects'>,
  random: Seeded,
): CloudEvent {
  const subject = `device-${String(random.whole(subjects)).padStart(6, '0')}`;
  const event = {
    specversion: '1.0' as const,
    id: random.hex(16),
    source: `//agents.example.com/${subject}`,
    type: TYPE,
    subject,
    time: new Date(timeMs).toISOString(),
    datacontenttype: 'application/json',
    data: { bytes: random.whole(10_000_000) / 10, region: 'eu-central-1', interface: 'eth0', note: '' },
  };
  const room = EVENT_BYTES - JSON.stringify(event).length;
  return { ...event, data: { ...event.data, note: random.hex(Math.ceil(room / 2)).slice(0, room) } };
}

/** How many distinct events each bucket gets, by `<subject> <hour>`: the truth that all ways of counting are held against. */
export function truthOf(batches: readonly Batch[]): Map<string, number> {
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  for (const { id, subject, time } of batches.flatMap(({ events }) => events)) {
    if (seen.has(id)) continue;
    seen.add(id);
    const bucket = `${subject} ${time!.slice(0, 13)}`;
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return counts;
}

/** How many events there are, repetitions included. */
export function deliveriesIn(batches: readonly Batch[]): number {
  return batches.reduce((sum, { events }) => sum + events.length, 0);
}
