import fc from 'fast-check';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import { hashIdentity } from '../../lambdas/domain/identity.ts';
import type { LogRecord } from '../../lambdas/domain/log-record.ts';
import { eventsRecord, markRecord, rawRecord, SHARD, TENANT } from './records.ts';

/** What one record of the stream holds. */
export type Written =
  | { readonly events: readonly CloudEvent[] }
  | { readonly mark: string }
  | { readonly bytes: Buffer };

const event = (more: Partial<CloudEvent>): CloudEvent => ({
  ...{ specversion: '1.0', id: 'i', source: '/m', type: 'test.every', subject: 'alice' },
  time: '2026-11-21T07:00:00Z',
  ...more,
});

/** Few ids and values, so that one id often comes with two contents: conflicts. */
const reusedId = fc
  .record({
    id: fc.constantFrom('e0', 'e1', 'e2', 'e3', 'e4'),
    subject: fc.constantFrom('alice', 'alice', 'bob'),
    time: fc.constantFrom('2026-11-21T07:00:00Z', '2026-11-21T07:00:00.5Z', '2026-11-21T08:00:00Z'),
    data: fc.record({
      value: fc.constantFrom(1, 2, 0.1),
      region: fc.constant('eu'),
      user: fc.constantFrom('u', 'v'),
    }),
  })
  .map(event);
/** Two groups fit the bucket. What a region brings has ids of its own, so that no conflict hides what is too many. */
const grouped = fc
  .tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom(1, 2))
  .map(([region, value]) => event({ type: 'test.groups', id: `${region}${value}`, data: { region, value } }));
const uncountable = fc.constantFrom(
  event({ type: 'test.unknown' }),
  event({ type: '__proto__' }),
  event({ type: 'test.sum', data: { value: 'much' } }),
  event({ type: 'test.sum', data: { value: 1e18 } }),
  event({ type: 'test.sum', time: '2019-11-21T07:00:00Z', data: { value: 1 } }),
  (({ time: _, ...timeless }) => timeless)(event({})),
  event({ time: 'soon' }),
);
const broken = fc.constantFrom<object>(
  {},
  { v: 2, events: [] },
  {
    v: 1,
    iid: 'x',
    at: '2026-11-21T09:00:00.000Z',
    tenant: TENANT,
    producer: 'p',
    receipt: 'r',
    events: [null],
  },
  {
    v: 1,
    iid: 'x',
    at: '2026-11-21T09:00:00.000Z',
    tenant: TENANT,
    producer: 'p',
    receipt: 'r',
    events: [{ schema: 1 }],
  },
  {
    v: 1,
    iid: 'x',
    at: 'then',
    tenant: TENANT,
    producer: 'p',
    receipt: 'r',
    quarantine: { fingerprint: 'f', origin: 'o' },
  },
);

const written: fc.Arbitrary<Written> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .array(fc.oneof({ weight: 4, arbitrary: reusedId }, { weight: 2, arbitrary: grouped }, uncountable), {
        minLength: 1,
        maxLength: 5,
      })
      .map((events) => ({ events })),
  },
  fc.nat(59).map((second) => ({ mark: new Date(Date.UTC(2026, 10, 21, 9, 0, second)).toISOString() })),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => ({ bytes: Buffer.from(bytes) })),
  broken.map((envelope) => ({ bytes: Buffer.from(JSON.stringify(envelope)) })),
);

/** One event of the stream and what must become of it. */
interface Judged {
  readonly sequence: string;
  /** Where it is counted, or the origin and code of its quarantine. */
  readonly fate:
    | {
        readonly type: string;
        readonly bucket: string;
        readonly identity: string;
        readonly event: CloudEvent;
      }
    | { readonly origin: string; readonly code: string; readonly identity: string };
}

/** A stream as the log hands it out, and what must become of it. */
export interface Stream {
  readonly records: readonly LogRecord[];
  readonly judged: readonly Judged[];
  readonly lastMark: string | undefined;
}

const identityOf = (tenant: string, source: string, id: string) =>
  hashIdentity(tenant, source, id).toString('hex', 0, 12);
const quarantined = (tenant: string, origin: string, code: string) => ({
  ...{ origin, code },
  identity: identityOf(tenant, 'weir.quarantine', origin),
});

/** Judges the events in the stream's order, in the plainest way: the oracle. */
class Judge {
  readonly #contents = new Map<string, string>();
  readonly #groups = new Map<string, Set<string>>();

  judge(event: CloudEvent, origin: string): Judged['fate'] {
    const code = this.#codeOf(event);
    if (code) return quarantined(TENANT, origin, code);
    const bucket = `${event.subject} ${event.time!.slice(0, 13)}`;
    const identity = identityOf(TENANT, event.source, event.id);
    return { type: event.type, bucket, identity, event };
  }

  #codeOf(event: CloudEvent): string | undefined {
    if (!event.type.startsWith('test.') || event.type === 'test.unknown') return 'unknown-type';
    if (!event.time?.startsWith('20')) return 'time-invalid';
    if (event.time < '2020') return 'no-revision';
    if (event.type === 'test.sum') return 'number-out-of-range';
    const bucket = JSON.stringify([event.type, event.subject, event.time.slice(0, 13)]);
    const name = `${bucket} ${event.id}`;
    const content = JSON.stringify([event.time, event.data]);
    const known = this.#contents.get(name);
    if (known !== undefined) return known === content ? undefined : 'conflict';
    if (event.type === 'test.groups' && !this.#takesGroup(bucket, event)) return 'too-many-groups';
    this.#contents.set(name, content);
    return undefined;
  }

  #takesGroup(bucket: string, event: CloudEvent): boolean {
    const { region } = event.data as { region: string };
    const groups = this.#groups.get(bucket) ?? new Set();
    this.#groups.set(bucket, groups);
    if (groups.size === 2 && !groups.has(region)) return false;
    groups.add(region);
    return true;
  }
}

function toStream(all: readonly Written[]): Stream {
  const judge = new Judge();
  const judged: Judged[] = [];
  // Marks come in the order of their times, as one clock puts them.
  const marks = all.flatMap((each) => ('mark' in each ? [each.mark] : [])).sort();
  const lastMark = marks.at(-1);
  const records = all.map((each) => {
    if ('mark' in each) return markRecord(marks.shift()!);
    if ('bytes' in each) {
      const record = rawRecord(each.bytes);
      const { sequence } = record;
      judged.push({ sequence, fate: quarantined('weir', `${SHARD}:${sequence}`, 'projection-failed') });
      return record;
    }
    const record = eventsRecord(each.events);
    const { sequence } = record;
    for (const [index, event] of each.events.entries())
      judged.push({ sequence, fate: judge.judge(event, `${SHARD}:${sequence}:${index}`) });
    return record;
  });
  return { records, judged, lastMark };
}

/** Streams full of what can't be counted. */
export const hostileStream: fc.Arbitrary<readonly Written[]> = fc.array(written, {
  minLength: 1,
  maxLength: 25,
  size: 'max',
});
/** A fresh stream of these records: sequence numbers are given once. */
export const streamOf = toStream;

/** How an at-least-once log hands a stream out: in batches, after each of which some of the last records may come again. */
export const deliveryPlan = fc.array(
  fc.record({ size: fc.integer({ min: 1, max: 8 }), again: fc.oneof(fc.constant(0), fc.nat(15)) }),
  {
    minLength: 1,
  },
);

/** The batches of a plan, which is gone through as often as needed. */
export function* batchesOf<T>(
  records: readonly T[],
  plan: readonly { readonly size: number; readonly again: number }[],
): Generator<readonly T[]> {
  for (let at = 0, step = 0; at < records.length; step++) {
    const { size, again } = plan[step % plan.length]!;
    yield records.slice(at, at + size);
    at = Math.min(records.length, at + size);
    if (again > 0) yield records.slice(Math.max(0, at - again), at);
  }
}
