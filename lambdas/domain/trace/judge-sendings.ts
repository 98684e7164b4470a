import type { BucketKey, Measured, Page } from '../bucket.ts';
import type { Contracts } from '../contract.ts';
import { type Countable, countableEvent, measureEvent } from '../count-events.ts';
import { ENTRY_BYTES, hashIdentity } from '../identity.ts';
import { compareSequences } from '../log-record.ts';
import { ownRevision } from '../recovery/choose-revision.ts';
import { type LiveBucket, liveBucket } from '../recovery/live-bucket.ts';
import type { BucketStore } from '../recovery/ports.ts';
import { nameOfBucket } from '../recovery/review-bucket.ts';
import type { Seen } from './match-record.ts';
import type { Fate, Quarantine, Sending, Standing, Way } from './trace.ts';

/** Of a larger bucket the pages are not read: they would be more than 32 MB. */
const MOST_EVENTS = 2_000_000;

/** What must be known to say what became of a sending. */
export interface Circumstances {
  readonly contracts: Contracts;
  readonly buckets: Pick<BucketStore, 'find' | 'pages'>;
  /** Sequence numbers up to which shards are projected; those that are not named are, to their end. */
  readonly projectedTo: Readonly<Record<string, string>>;
  /** Whether all was read that may say why an event is not counted. */
  readonly whole: boolean;
}

/** A bucket, and what it says of the event. */
interface Looked {
  readonly standing: Standing;
  readonly live?: LiveBucket;
}

/** Says of each sending of one event what became of it. They must be in the log's order, and of one tenant, source and id. */
export async function judgeSendings(seen: readonly Seen[], of: Circumstances): Promise<Way> {
  const { tenant, source } = seen[0]!;
  const id = idOf(seen);
  const events = seen.filter(({ accepted }) => accepted);
  const placed = events.map((each) => ({ each, countable: countableOf(each, of.contracts) }));
  const looked = new Map<string, Looked>();
  for (const { countable } of placed) {
    if (!countable || looked.has(nameOfBucket(countable.key))) continue;
    looked.set(nameOfBucket(countable.key), await look(countable, of));
  }
  const refusals = refusalsOf(seen);
  const known = new Set<string>();
  const sendings = seen
    .filter(({ ofProjector, origin }) => !(ofProjector && events.some((event) => event.origin === origin)))
    .map((each): Sending => {
      const { accepted, ofProjector, tenant: _, source: __, ...shown } = each;
      if (!accepted) return { ...shown, fate: ofProjector ? 'refused' : 'quarantined' };
      const countable = placed.find((one) => one.each === each)!.countable;
      const bucket = countable && looked.get(nameOfBucket(countable.key));
      const quarantine = refusals.get(nameOfRefusal(each));
      return {
        ...shown,
        fate: fateOf(each, countable, bucket, quarantine, known, of),
        ...(countable && { bucket: countable.key }),
        ...(quarantine && { quarantine }),
      };
    });
  const buckets = [...looked.values()].map(({ standing }) => standing);
  return { tenant, source, id, outcome: outcomeOf(sendings), sendings, buckets };
}

function idOf(seen: readonly Seen[]): string {
  return seen.find(({ accepted }) => accepted)?.accepted?.event.id ?? '';
}

function countableOf({ tenant, accepted }: Seen, contracts: Contracts): Countable | undefined {
  try {
    const countable = countableEvent(contracts, tenant, accepted!.event);
    return 'code' in countable ? undefined : countable;
  } catch {
    return undefined;
  }
}

/** What the projector has said, by the sending that it is of. */
function refusalsOf(seen: readonly Seen[]): ReadonlyMap<string, Quarantine> {
  const said = seen.filter(({ ofProjector }) => ofProjector);
  return new Map(said.map((each) => [nameOfRefusal(each), each.quarantine!]));
}

function nameOfRefusal({ origin, replay = '' }: Seen): string {
  return `${origin} ${replay}`;
}

async function look({ key, source, id }: Countable, { buckets }: Circumstances): Promise<Looked> {
  const [found] = await buckets.find([key]);
  if (!found) return { standing: { key }, live: liveBucket(key, undefined, []) };
  if (!found.head) return { standing: { key, trouble: found.damage ?? 'its head can’t be read' } };
  const { v, bucket } = found.head;
  const { epoch, revision, n, tail } = bucket;
  const head = { v, epoch, revision, n };
  const identity = hashIdentity(key.tenant, source, id);
  if (n > MOST_EVENTS && !holds(bucket.open, identity))
    return {
      standing: { key, head, trouble: `it holds ${n} events, too many for their ids to be read here` },
    };
  const pages = tail === undefined ? [] : await buckets.pages(key, epoch);
  const live = liveBucket(key, found, pages);
  const held = heldIn(bucket.open, pages, identity, live);
  const gone = live.missingPage;
  return {
    standing: {
      ...{ key, head },
      ...(held && { held }),
      ...(gone !== undefined && !held && { trouble: `its chain names page ${gone}, which is not there` }),
    },
    live,
  };
}

function heldIn(
  open: Buffer,
  pages: readonly Page[],
  identity: Buffer,
  { ids }: LiveBucket,
): Standing['held'] | undefined {
  // Pages of crashed writers are in no chain, and hold nothing.
  if (ids.find(identity) === undefined) return undefined;
  if (holds(open, identity)) return { in: 'head' };
  const page = pages.find(({ ids: entries }) => holds(entries, identity));
  return page && { in: 'page', page: page.key };
}

function holds(entries: Buffer, identity: Buffer): boolean {
  for (let at = 0; at < entries.length; at += ENTRY_BYTES)
    if (entries.compare(identity, 0, 12, at, at + 12) === 0) return true;
  return false;
}

function fateOf(
  seen: Seen,
  countable: Countable | undefined,
  bucket: Looked | undefined,
  quarantine: Quarantine | undefined,
  known: Set<string>,
  { contracts, projectedTo, whole }: Circumstances,
): Fate {
  const live = bucket?.live;
  const measured = countable && live && measuredAs(countable, live, contracts);
  const held = live && countable && live.ids.find(hashIdentity(seen.tenant, countable.source, countable.id));
  if (held !== undefined && measured) {
    if (measured.digest.readUInt32BE(0) !== held) return 'conflict';
    const name = nameOfBucket(countable!.key);
    if (known.has(name)) return 'duplicate';
    known.add(name);
    return 'counted';
  }
  if (quarantine) return 'refused';
  if (!isProjected(seen, projectedTo)) return 'waiting';
  if (bucket?.standing.trouble !== undefined || !countable || !measured) return 'unknown';
  return whole ? 'missing' : 'unknown';
}

function measuredAs(countable: Countable, live: LiveBucket, contracts: Contracts): Measured | undefined {
  const own = ownRevision(contracts, countable.key as BucketKey, live.found);
  if (!own) return undefined;
  try {
    const measured = measureEvent(countable, own.revision);
    return 'identity' in measured ? measured : undefined;
  } catch {
    return undefined;
  }
}

function isProjected({ shardId, sequence }: Seen, projectedTo: Circumstances['projectedTo']): boolean {
  const to = projectedTo[shardId];
  return to === undefined || compareSequences(sequence, to) <= 0;
}

/** The best first. */
const OUTCOMES = ['counted', 'waiting', 'missing', 'unknown', 'conflict', 'refused', 'quarantined'] as const;

function outcomeOf(sendings: readonly Sending[]): Way['outcome'] {
  return OUTCOMES.find((outcome) => sendings.some(({ fate }) => fate === outcome)) ?? 'unknown';
}
