import type { BucketKey } from '../domain/bucket.ts';
import { compareSequences } from '../domain/log-record.ts';
import { type BucketReview, nameOfBucket } from '../domain/recovery/review-bucket.ts';
import type { Plan } from '../domain/recovery/run.ts';
import type { EventLine } from '../domain/recovery/shuffle.ts';
import type { LineSource } from './fold-ports.ts';

/** What a partition is about. */
export interface Contents {
  /** Its buckets by name, those of state and those of the archive. */
  readonly keys: Map<string, BucketKey>;
  /** Bucket and origin of the events that the projector refused; a piece of quarantine has the origin of what it is about. */
  readonly refused: Set<string>;
  events: number;
}

/** Reads what lines are about, without what is in them. */
export async function readContents(source: LineSource, contents: Contents): Promise<void> {
  const names = new Names();
  for await (const line of source.lines()) {
    if (line.kind === 'refused') contents.refused.add(`${names.of(line.key)} ${line.origin}`);
    if (line.kind !== 'event' && line.kind !== 'bucket') continue;
    if (line.kind === 'event') contents.events++;
    const name = names.of(line.key);
    if (!contents.keys.has(name)) contents.keys.set(name, line.key);
  }
}

/** Events held by all reviews together before they are counted. */
const MAX_WAITING = 20_000;

/** Gives each review its bucket's events. */
export async function feed(
  source: LineSource,
  reviews: ReadonlyMap<string, Pick<BucketReview, 'take' | 'flush'>>,
  { refused }: Contents,
  plan: Plan,
): Promise<void> {
  const names = new Names();
  let waiting = 0;
  for await (const line of source.lines()) {
    if (line.kind !== 'event') continue;
    const name = names.of(line.key);
    const review = reviews.get(name);
    if (!review) continue;
    const isRefused = refused.has(`${name} ${line.origin}`);
    review.take(line, { refused: isRefused, projected: isProjected(line, plan) });
    if (++waiting < MAX_WAITING) continue;
    for (const each of reviews.values()) each.flush();
    waiting = 0;
  }
}

/** Whether it stands where the projector had counted all when the run was planned. */
function isProjected({ shardId, sequence }: EventLine, { projectedTo, archivedTo }: Plan): boolean {
  const to = projectedTo[shardId];
  return to === undefined ? archivedTo[shardId] !== undefined : compareSequences(sequence, to) <= 0;
}

/** Names of buckets; lines of one segment share their keys. */
class Names {
  readonly #names = new WeakMap<BucketKey, string>();

  of(key: BucketKey): string {
    let name = this.#names.get(key);
    if (name === undefined) {
      name = nameOfBucket(key);
      this.#names.set(key, name);
    }
    return name;
  }
}
