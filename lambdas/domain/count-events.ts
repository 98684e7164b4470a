import type { Bucket, BucketKey, Measured } from './bucket.ts';
import type { CloudEvent } from './cloudevent.ts';
import { type Contract, type Contracts, type Meter, type Revision, revisionInForce } from './contract.ts';
import type { Quarantined } from './envelope.ts';
import { hashIdentity, hashParts } from './identity.ts';
import { parseInstant } from './instant.ts';
import { isUnmeasurable, measureValues, type Part } from './measure.ts';
import { contractOfEvent } from './probe.ts';
import { type Window, windowOf, windowStart } from './window.ts';

/** Quarantine is counted as usage is, under a contract of Weir's own: one bucket a fingerprint and UTC day. */
export const QUARANTINE_TYPE = 'weir.quarantine';
const QUARANTINE_CONTRACT: Contract = {
  type: QUARANTINE_TYPE,
  owner: 'weir',
  current: 1,
  priority: 'critical',
  bucket: 'P1D',
  lateMs: Number.POSITIVE_INFINITY,
  earlyMs: Number.POSITIVE_INFINITY,
  revisions: [
    {
      from: '0000-01-01T00:00:00Z',
      meters: [{ name: 'count', aggregate: 'count', scale: 0, unit: '1', maxGroups: 1 }],
    },
  ],
};

export function contractOf(contracts: Contracts, type: string): Contract | undefined {
  return type === QUARANTINE_TYPE ? QUARANTINE_CONTRACT : contractOfEvent(contracts, type);
}

/** What decides where an event is counted and what it brings there. */
export interface Countable {
  readonly key: BucketKey;
  readonly source: string;
  readonly id: string;
  /** Canonical instant. */
  readonly instant: string;
  readonly data: unknown;
}

/** Why an event can't be counted, in the words of its quarantine. */
export type Refusal = Pick<Quarantined, 'code' | 'detail'> & { readonly pointer?: string };

/** Where an accepted event is counted, or why it can't be. Ingest has refused all these; a fold of years must not trust that. */
export function countableEvent(contracts: Contracts, tenant: string, event: CloudEvent): Countable | Refusal {
  const contract = contractOfEvent(contracts, event.type);
  if (!contract) {
    return {
      code: 'unknown-type',
      pointer: '/type',
      detail: 'this build has no contract for the event type',
    };
  }
  const time = event.time === undefined ? undefined : parseInstant(event.time);
  if (!time) {
    return { code: 'time-invalid', pointer: '/time', detail: 'a metered event needs an RFC 3339 time' };
  }
  const window = windowName(contract, time.ms);
  return {
    key: { tenant, subject: event.subject, type: event.type, window },
    source: event.source,
    id: event.id,
    instant: time.text,
    data: event.data,
  };
}

const lastWindows = new WeakMap<Contract, Window>();

/** The name of the moment's window. Events come in the order of time, more or less: mostly it is the window of the one before. */
function windowName(contract: Contract, ms: number): string {
  let window = lastWindows.get(contract);
  if (!window || ms < window.startMs || ms >= window.endMs) {
    window = windowOf(contract.bucket, ms);
    lastWindows.set(contract, window);
  }
  return window.name;
}

/** Where a piece of quarantine is counted: its subject is the fingerprint, its id the origin. `at` is RFC 3339. */
export function countableQuarantine(tenant: string, at: string, quarantine: Quarantined): Countable {
  const instant = parseInstant(at);
  if (!instant) throw new RangeError(`an envelope's "at" must be RFC 3339, not "${at}"`);
  return {
    key: {
      tenant,
      subject: quarantine.fingerprint,
      type: QUARANTINE_TYPE,
      window: windowOf(QUARANTINE_CONTRACT.bucket, instant.ms).name,
    },
    source: QUARANTINE_TYPE,
    id: quarantine.origin,
    instant: instant.text,
    data: undefined,
  };
}

/** The revision that a bucket is counted by: its own, or for a new one that in force at the window's start. */
export function revisionOf(
  contracts: Contracts,
  key: BucketKey,
  bucket: Bucket | undefined,
): number | undefined {
  if (bucket) return bucket.revision;
  const contract = contractOf(contracts, key.type);
  return contract && revisionInForce(contract, windowStart(key.window));
}

/** @throws UnknownRevisionError where the bucket was counted by a revision that this build doesn't have. */
export function revisionNumber(contracts: Contracts, type: string, number: number): Revision {
  const revision = contractOf(contracts, type)?.revisions[number - 1];
  if (!revision) throw new UnknownRevisionError(type, number);
  return revision;
}

export function metersOf(contracts: Contracts): (type: string, revision: number) => readonly Meter[] {
  return (type, revision) => revisionNumber(contracts, type, revision).meters;
}

/** State was written by a newer build than this one: deploy that build, or one with its contracts. */
export class UnknownRevisionError extends Error {
  override readonly name = 'UnknownRevisionError';
  constructor(type: string, number: number) {
    super(
      `a bucket of "${type}" is counted by contract revision ${number}, which this build does not have; ` +
        'revisions are only ever added, so deploy a build whose contracts hold it',
    );
  }
}

/** Measures an event under its bucket's revision and hashes what is billed of it: two hashes an event. */
export function measureEvent(event: Countable, revision: Revision): Measured | Refusal {
  const parts = measureValues(revision, event.data);
  if (isUnmeasurable(parts)) return parts;
  return {
    identity: hashIdentity(event.key.tenant, event.source, event.id),
    digest: hashBilled(event, parts),
    instant: event.instant,
    parts,
  };
}

/** SHA-256 over (tenant, source, id, time, and for each meter its name, group and value as rounded). */
export function hashBilled(event: Countable, parts: readonly Part[]): Buffer {
  const texts = [event.key.tenant, event.source, event.id, event.instant];
  for (const part of parts) texts.push(part.meter.name, part.group, part.text);
  return hashParts(texts);
}
