import { createHash } from 'node:crypto';
import Big from 'big.js';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';

/**
 * What a bucket of `test.every` must hold, computed from the set of its events in the plainest way there is, with
 * nothing of the product's: the oracle for the fold.
 */
export interface ModelBucket {
  n: number;
  totals: Map<string, Big>;
  least: Big;
  most: Big;
  newest: { time: string; identity: string; value: Big };
  /** Canonical times. */
  first: string;
  last: string;
  users: Set<string>;
  digest: bigint;
}

export interface TestData {
  readonly value: number;
  readonly region: string;
  readonly user: string;
}

function sha256(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const bytes = Buffer.from(part, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  }
  return hash.digest('hex');
}

function canonical(time: string): string {
  const [whole, fraction = ''] = time.slice(0, -1).split('.') as [string, string?];
  const kept = fraction.replace(/0+$/, '');
  return kept ? `${whole}.${kept}Z` : `${whole}Z`;
}

function nanoseconds(time: string): string {
  const [whole, fraction = ''] = time.slice(0, -1).split('.');
  return `${whole}.${fraction.padEnd(9, '0')}`;
}

const round = (value: number) => new Big(String(value)).round(9, Big.roundHalfEven);
const plain = (value: Big) => value.toFixed();

/** Folds the set: events of one identity must be given once. Keys are `<subject> <window>`. */
export function foldModel(tenant: string, events: readonly CloudEvent[]): Map<string, ModelBucket> {
  const buckets = new Map<string, ModelBucket>();
  for (const event of events) {
    const key = `${event.subject} ${event.time!.slice(0, 13)}`;
    const { value, region, user } = event.data as TestData;
    const amount = round(value);
    const group = `region=${region.replaceAll('%', '%25').replaceAll('#', '%23').replaceAll('|', '%7C')}`;
    const time = canonical(event.time!);
    const identity = sha256([tenant, event.source, event.id]);
    const text = plain(amount);
    const billed = [
      ...['events', 'all', '1'],
      ...['total', group, text],
      ...['least', 'all', text],
      ...['most', 'all', text],
      ...['newest', 'all', text],
      ...['users', 'all', JSON.stringify(user)],
    ];
    const hash = BigInt(`0x${sha256([tenant, event.source, event.id, time, ...billed])}`);
    const newest = { time: nanoseconds(event.time!), identity, value: amount };
    const bucket = buckets.get(key);
    if (!bucket) {
      buckets.set(key, {
        n: 1,
        totals: new Map([[group, amount]]),
        least: amount,
        most: amount,
        newest,
        users: new Set([user]),
        digest: hash,
        first: time,
        last: time,
      });
      continue;
    }
    bucket.n += 1;
    bucket.totals.set(group, (bucket.totals.get(group) ?? new Big(0)).plus(amount));
    if (amount.lt(bucket.least)) bucket.least = amount;
    if (amount.gt(bucket.most)) bucket.most = amount;
    bucket.users.add(user);
    bucket.digest = (bucket.digest + hash) % 2n ** 256n;
    const later = [newest.time, newest.identity] > [bucket.newest.time, bucket.newest.identity];
    if (later) bucket.newest = newest;
    if (nanoseconds(time) < nanoseconds(bucket.first)) bucket.first = time;
    if (nanoseconds(time) > nanoseconds(bucket.last)) bucket.last = time;
  }
  return buckets;
}

/** Of a stored head's attributes, those that follow from its events alone. */
export function shown({ n, digest, first, last, lt, m }: Readonly<Record<string, unknown>>) {
  return { n, digest, first, last, lt, m };
}

/** The same as plain text, for comparison with a stored head's attributes. */
export function showModel(bucket: ModelBucket) {
  return {
    n: String(bucket.n),
    digest: bucket.digest.toString(16).padStart(64, '0'),
    first: bucket.first,
    last: bucket.last,
    lt: { newest: { all: `${canonical(`${bucket.newest.time}Z`)}|${bucket.newest.identity.slice(0, 24)}` } },
    m: {
      events: { all: String(bucket.n) },
      total: Object.fromEntries([...bucket.totals].map(([group, total]) => [group, plain(total)])),
      least: { all: plain(bucket.least) },
      most: { all: plain(bucket.most) },
      newest: { all: plain(bucket.newest.value) },
      users: { all: String(bucket.users.size) },
    },
  };
}
