import { EntryTable } from '../entry-table.ts';
import { ENTRY_BYTES } from '../identity.ts';
import { compareBucket, holdsExactly, unknownIds } from './compare-bucket.ts';
import type { Difference } from './difference.ts';
import type { Folded, NumberedRevision } from './fold-bucket.ts';
import { isWhole, type LiveBucket } from './live-bucket.ts';
import { previewBucket } from './preview-bucket.ts';
import type { Review } from './review-bucket.ts';
import type { Place } from './seen-event.ts';

/** What follows from a review. */
export type Conclusion =
  | { readonly what: 'done'; readonly differences: readonly Difference[]; readonly resend: readonly Place[] }
  /** Not to be judged yet: state may hold events that the run has not read. */
  | { readonly what: 'again' }
  /** To be written anew as folded. */
  | { readonly what: 'rewrite'; readonly differences: readonly Difference[]; readonly folded: Folded };

/** What is known beside the review. */
export interface Circumstances {
  /** The archive has passed a mark later than the look at state: what that held and the archive lacks is not on its way. */
  readonly isFinal: boolean;
  /** Archive objects of the run are lost or changed. */
  readonly damaged: boolean;
  /** What is wrong is to be put right. */
  readonly repair: boolean;
}

const AGAIN: Conclusion = { what: 'again' };

/**
 * Compares. What looks wrong at first is looked at again with all that came meanwhile, and then judged. Events that are
 * missing and nothing else are sent again; whatever else is wrong, the bucket is written anew, with all its events.
 */
export function concludeReconcile(review: Review, { isFinal, damaged, repair }: Circumstances): Conclusion {
  const found = compareBucket(review, damaged);
  if (found.length === 0) return done(twoContents(review));
  if (!isFinal) return AGAIN;
  const differences = [...found, ...twoContents(review)];
  if (!repair || damaged) return done(differences);
  if (found.every(({ kind }) => kind === 'missing-events')) return done(differences, review.missing);
  return review.all ? { what: 'rewrite', differences, folded: review.all } : done(differences);
}

/** Shows what a rebuild would change. */
export function concludePreview(
  review: Review,
  by: NumberedRevision,
  { isFinal, damaged }: Circumstances,
): Conclusion {
  const unreadable = unreadableHead(review);
  if (unreadable) return done(unreadable);
  if (!isFinal && !isCovered(review)) return AGAIN;
  const unknown = unknownIds(review, damaged);
  if (unknown.length > 0) return done(unknown);
  return done([...previewBucket(review, by), ...uncountable(review)]);
}

/**
 * Writes anew what is not already as folded. What state has counted and the archive does not have would be in no number any
 * more: rather the archive lacks it than that state has made it up, so such a bucket is left as it is.
 */
export function concludeRebuild(
  review: Review,
  by: NumberedRevision,
  { isFinal, damaged }: Circumstances,
): Conclusion {
  const { live } = review;
  if (!review.all) return done(unreadableHead(review) ?? []);
  const notes = [...uncountable(review), ...twoContents(review)];
  if (isAlready(review, review.all, by)) return done(notes);
  if (!isFinal && !isCovered(review)) return AGAIN;
  const unknown = unknownIds(review, damaged);
  if (unknown.length > 0) return done([...unknown, ...notes]);
  if (!live.found && review.all.bucket.n === 0) return done(notes);
  return { what: 'rewrite', differences: notes, folded: review.all };
}

/** There is no revision to count it by: what state has of it is left, and said to be. */
export function concludeWithoutRevision(review: Review): Conclusion {
  const { key: bucket, found } = review.live;
  return done(unreadableHead(review) ?? (found ? [{ kind: 'no-revision', bucket }] : []));
}

/** Whether all that state holds is among what was folded: so nothing is lost where it is written anew. */
function isCovered({ live, strange, changed }: Review): boolean {
  return isWhole(live) && strange === 0 && changed === 0;
}

/** The same of a later look at state: what the archive has and the fold could not count is not among what was folded. */
export function covers({ all, conflicts }: Review, live: LiveBucket): boolean {
  if (!all || conflicts.length > 0 || !isWhole(live)) return false;
  const folded = new EntryTable(all.bucket.n);
  for (const ids of [all.bucket.open, ...all.chunks.map((chunk) => chunk.ids)]) folded.addAll(ids);
  return live.runs.every((run) => {
    for (let at = 0; at < run.length; at += ENTRY_BYTES) if (folded.find(run, at) === undefined) return false;
    return true;
  });
}

function isAlready({ live, changed, strange }: Review, folded: Folded, by: NumberedRevision): boolean {
  return isWhole(live) && strange === 0 && changed === 0 && holdsExactly(live, folded, by);
}

/** A head that only another build can read is not ours to write anew; nor can it be compared. */
function unreadableHead({ live: { key, found } }: Review): readonly Difference[] | undefined {
  return found && !found.head
    ? [{ kind: 'head-unreadable', bucket: key, why: found.damage ?? 'its attributes are malformed' }]
    : undefined;
}

function uncountable({ live, uncountable }: Review): readonly Difference[] {
  const events = [...uncountable.values()].reduce((sum, count) => sum + count, 0);
  return events > 0
    ? [{ kind: 'uncountable', bucket: live.key, events, codes: [...uncountable.keys()].sort() }]
    : [];
}

const MOST_CONFLICTS = 100;

function twoContents({ live, conflicts }: Review): readonly Difference[] {
  return conflicts.length > 0
    ? [{ kind: 'two-contents', bucket: live.key, of: conflicts.slice(0, MOST_CONFLICTS) }]
    : [];
}

function done(differences: readonly Difference[], resend: readonly Place[] = []): Conclusion {
  return { what: 'done', differences, resend };
}
