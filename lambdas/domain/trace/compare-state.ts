import type { BucketKey } from '../bucket.ts';
import { contractOf } from '../count-events.ts';
import { compareSequences } from '../log-record.ts';
import { type ArchivedRecord, mayBeOtherBuilds } from '../recovery/archived-record.ts';
import { ownRevision } from '../recovery/choose-revision.ts';
import { compareBucket } from '../recovery/compare-bucket.ts';
import type { Found } from '../recovery/difference.ts';
import { type LiveBucket, liveBucket } from '../recovery/live-bucket.ts';
import { projectedTo } from '../recovery/passed.ts';
import { Refusals } from '../recovery/refusals.ts';
import type { ReconcileRequest } from '../recovery/request.ts';
import { BucketReview, nameOfBucket, type Review } from '../recovery/review-bucket.ts';
import { selectionOf } from '../recovery/select-objects.ts';
import type { EventLine, ShuffleLine } from '../recovery/shuffle.ts';
import { shuffleRecord } from '../recovery/shuffle-record.ts';
import type { Wanted } from '../recovery/wanted-lines.ts';
import { windowLength, windowStart } from '../window.ts';
import type { TracePorts } from './ports.ts';
import { readLog, readObjects } from './read-records.ts';
import { selectEntries } from './select-entries.ts';
import type { TraceLimits } from './trace.ts';

/** A bucket beside what the archive, and the log behind it, say of it. */
export type Comparison =
  | {
      readonly kind: 'compared';
      readonly live: LiveBucket;
      readonly review: Review;
      /** Nothing where they agree. */
      readonly found: readonly Found[];
      /** Archive objects that were read. */
      readonly objects: number;
      readonly damaged: readonly string[];
      /** Ranges of the log that the projector gave up and that wait to be repaired: what is missing may be in them. @default - none */
      readonly repairs?: number;
    }
  /** More than may be read at once: a run must do it. */
  | { readonly kind: 'too-large'; readonly objects: number; readonly bytes: number }
  /** The log behind the archive was not all read: a moment later it may be archived. */
  | { readonly kind: 'moving' }
  | { readonly kind: 'unknown-type' | 'no-window' };

/** A bucket of more events is compared by a run. */
const MOST_EVENTS = 500_000;

/**
 * Folds what is archived of one bucket, as reconcile does, and compares it with state. State is looked at first: what it
 * holds then is in the archive or in the log behind it, so that nothing on its way is taken for a difference.
 */
export async function compareState(
  key: BucketKey,
  limits: TraceLimits,
  ports: TracePorts,
): Promise<Comparison> {
  const contract = contractOf(ports.contracts, key.type);
  if (!contract) return { kind: 'unknown-type' };
  const start = windowStart(key.window);
  if (Number.isNaN(start)) return { kind: 'no-window' };
  const passes = await ports.passes.read();
  const repairs = await ports.repairs.pendingRepairs();
  const live = await lookAt(key, ports);
  const shards = await ports.shards.list();
  const range = {
    from: new Date(start).toISOString(),
    to: new Date(start + windowLength(contract.bucket)).toISOString(),
  };
  const request: ReconcileRequest = { ...LOOKING, ...range, tenant: key.tenant, types: [key.type] };
  const { arrivedFromMs, arrivedToMs, selects } = selectionOf(request, ports.contracts);
  const selecting = { fromMs: arrivedFromMs, toMs: arrivedToMs, limits, selects };
  const { entries, ends, whole } = await selectEntries(selecting, ports.manifest);
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  const isLarge = entries.length > limits.objects || bytes > limits.bytes;
  const n = live?.found?.head?.bucket.n ?? 0;
  if (!live || isLarge || !whole || n > MOST_EVENTS)
    return { kind: 'too-large', objects: entries.length, bytes };
  const lines = new Lines(key, ports);
  const inOrder = entries.toReversed();
  const { read, damaged } = await readObjects(inOrder, key.subject, limits, ports, (record, entry) =>
    lines.take(record, entry.key),
  );
  if (read < entries.length) return { kind: 'too-large', objects: entries.length, bytes };
  const { records, logRead } = await readLog(shards, ends, ports);
  if (!logRead) return { kind: 'moving' };
  for (const record of records) lines.take(record, '');
  const review = lines.review(live, projectedTo(shards, passes));
  const isDamaged = damaged.length > 0 || lines.unread > 0;
  const found = compareBucket(review, isDamaged);
  return { kind: 'compared', live, review, found, objects: read, damaged, ...(repairs > 0 && { repairs }) };
}

const LOOKING: ReconcileRequest = {
  ...{ verb: 'reconcile', requestId: 'look', operator: 'nobody', reason: 'looking', dryRun: true },
  ...{ repair: false, identities: false, rate: 1, maxLagSeconds: 1 },
};

/** Undefined where it holds more than is read here. */
async function lookAt(key: BucketKey, { buckets }: TracePorts): Promise<LiveBucket | undefined> {
  const [found] = await buckets.find([key]);
  const bucket = found?.head?.bucket;
  if (bucket && bucket.n > MOST_EVENTS) return undefined;
  return liveBucket(key, found, bucket?.tail === undefined ? [] : await buckets.pages(key, bucket.epoch));
}

/** The events of one bucket, as the archive and the log have them. */
class Lines {
  /** Records that another build may read. */
  unread = 0;
  readonly #events: EventLine[] = [];
  readonly #refused = new Refusals();
  readonly #name: string;
  readonly #wanted: Wanted;
  readonly #ports: Pick<TracePorts, 'contracts'>;

  constructor(key: BucketKey, ports: Pick<TracePorts, 'contracts'>) {
    const name = nameOfBucket(key);
    this.#name = name;
    this.#ports = ports;
    this.#wanted = {
      ...{ events: true, identities: false, numbers: false },
      ...{ bucket: (other) => nameOfBucket(other) === name, arrival: () => true },
      ...{ reports: () => false, judges: () => false },
    };
  }

  take(record: ArchivedRecord, object: string): void {
    if (mayBeOtherBuilds(record)) this.unread++;
    for (const line of shuffleRecord(record, object, this.#ports.contracts, this.#wanted, {}))
      this.#add(line);
  }

  #add(line: ShuffleLine): void {
    if (line.kind === 'refused') this.#refused.add(this.#name, line);
    if (line.kind === 'event') this.#events.push(line);
  }

  review(live: LiveBucket, projected: Readonly<Record<string, string>>): Review {
    const isProjected = ({ shardId, sequence }: EventLine) => {
      const to = projected[shardId];
      return to === undefined || compareSequences(sequence, to) <= 0;
    };
    const judge = this.#refused.judge();
    for (const line of this.#events) if (isProjected(line)) judge.take(this.#name, line);
    const own = ownRevision(this.#ports.contracts, live.key, live.found);
    const review = new BucketReview(live, { own, compares: true });
    for (const line of this.#events)
      review.take(line, { refused: judge.excuses(this.#name, line), projected: isProjected(line) });
    return review.finish();
  }
}
