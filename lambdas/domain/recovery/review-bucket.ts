import type { BucketKey, Measured } from '../bucket.ts';
import type { Refusal } from '../count-events.ts';
import { EntryTable } from '../entry-table.ts';
import { hashIdentity, IDENTITY_BYTES } from '../identity.ts';
import { BucketFold, type Folded, type NumberedRevision } from './fold-bucket.ts';
import { identitiesBeyond, type LiveBucket } from './live-bucket.ts';
import { bytesOf, isMeasured, measured, type Place, placeOf, type Seen, seenOf } from './seen-event.ts';
import type { EventLine } from './shuffle.ts';

/** What is to be done with one bucket's events. */
export interface ReviewTask {
  /** By which the live bucket is counted or, where there is none, would be. Undefined where nobody knows. */
  readonly own: NumberedRevision | undefined;
  /** Fold what state holds of the events, and find those that it lacks. */
  readonly compares: boolean;
  /** Fold all events by this revision; or, `settled`, only those that are not still on their way to the projector. */
  readonly folds?: { readonly by: NumberedRevision; readonly what: 'all' | 'settled' };
}

/** What is known of an event besides itself. */
export interface Standing {
  /** The projector refused it, and said so: `Refusals`. */
  readonly refused: boolean;
  /** It stands at or before the place up to which all is projected. */
  readonly projected: boolean;
}

/** Of one identity, the first content that state does not hold. */
interface PassedOver {
  readonly identity: Buffer;
  readonly seen: Seen;
  /** By the revision of state. */
  readonly own?: Measured;
  /** By the revision that is folded by. */
  readonly by?: Measured;
}

/** A bucket beside what the archive says of it. */
export interface Review {
  readonly live: LiveBucket;
  readonly own: NumberedRevision | undefined;
  /** Event lines of the bucket. */
  readonly lines: number;
  /** Identities that state holds and the archive doesn't have. */
  readonly strange: number;
  readonly strangers: readonly string[];
  /** Ids that state holds with other content than any that the archive has of them. */
  readonly changed: number;
  /** Events that came with other content than the one counted. */
  readonly conflicts: readonly Pick<EventLine, 'source' | 'id'>[];
  /** Fold of what state holds of the archive's events. */
  readonly same?: Folded;
  /** Events that state should hold and doesn't, once each. */
  readonly missing: readonly Place[];
  /** Fold of all events, by another revision perhaps. */
  readonly all?: Folded;
  /** Why what state counts could not be counted in `all`, with how many identities. */
  readonly uncountable: ReadonlyMap<string, number>;
  /** Shard and sequence number of the last line. */
  readonly upTo: string | undefined;
}

const MOST_STRANGERS = 20;
const NONE: ReadonlyMap<string, number> = new Map();

/**
 * Goes over one bucket's events, given in the log's order, beside what state holds of it. Of one identity with several contents
 * the one is folded that state holds, else the first. Two hashes an event, four where it is folded by another revision.
 */
export class BucketReview {
  readonly #live: LiveBucket;
  readonly #task: ReviewTask;
  /** Identities that the archive has: of those that state holds, with the content that it holds. */
  readonly #known = new EntryTable();
  // Made when they are needed: most buckets are small, and there may be many.
  #conflicts: Map<string, Pick<EventLine, 'source' | 'id'>> | undefined;
  readonly #missing: Place[] = [];
  #uncountable: Map<string, number> | undefined;
  /** What state holds with another content, to be counted after all where the right one never comes. */
  #passedOver: Map<string, PassedOver> | undefined;
  #refused: EntryTable | undefined;
  /** What would bring a group that state does not have. */
  readonly #heldBack: { readonly seen: Seen; readonly by: Measured }[] = [];
  #same: BucketFold<Seen> | undefined;
  #onTop: BucketFold<Seen> | undefined;
  #all: BucketFold<Seen> | undefined;
  #found = 0;
  #changed = 0;
  #lines = 0;
  #upTo: string | undefined;

  constructor(live: LiveBucket, task: ReviewTask) {
    this.#live = live;
    this.#task = task;
  }

  /** @returns bytes that it holds of the event until the next {@link flush}, roughly */
  take(line: EventLine, { refused, projected }: Standing): number {
    const { own, folds } = this.#task;
    this.#lines++;
    this.#upTo = `${line.shardId}:${line.sequence}`;
    const mine = own && measured(line, own);
    const its = !folds || folds.by === own ? mine : measured(line, folds.by);
    const any = [mine, its].find(isMeasured);
    const held = any && this.#live.ids.find(any.identity);
    const seen = seenOf(line);
    const bytes = bytesOf(seen, mine) + (its === mine ? 0 : bytesOf(seen, its));
    // What state's own revision refuses is not what state holds either.
    if (any && held !== undefined && own && !(isMeasured(mine) && mine.digest.readUInt32BE(0) === held)) {
      this.#passOver(any.identity, seen, mine, its);
      return bytes;
    }
    if (any && this.#known.add(any.identity) && held !== undefined) this.#found++;
    if (this.#task.compares && isMeasured(mine)) {
      if (held !== undefined) this.#sameFold().add(mine, seen);
      else if (projected && !refused) this.#onTopFold().add(mine, seen);
    }
    const isRefusedByBoth = own !== undefined && any === undefined;
    if (folds && !isRefusedByBoth && (folds.what === 'all' || held !== undefined || projected))
      this.#foldIn(seen, its!);
    return bytes;
  }

  /** Counts what was taken, so that the events need not be kept any longer. */
  flush(): void {
    for (const fold of [this.#same, this.#onTop, this.#all]) fold?.flush();
  }

  finish(): Review {
    const { own, compares, folds } = this.#task;
    this.flush();
    for (const each of this.#passedOver?.values() ?? []) this.#takePassedOver(each);
    this.flush();
    for (const { seen, by } of this.#heldBack) this.#allFold().add(by, seen);
    const live = this.#live;
    const same = compares && own ? this.#sameFold().finish() : undefined;
    this.#onTop?.finish();
    const all = folds ? this.#allFold().finish() : undefined;
    const strange = live.ids.size - this.#found;
    return {
      live,
      own,
      lines: this.#lines,
      strange,
      strangers: strange > 0 ? identitiesBeyond(live, this.#known, MOST_STRANGERS) : [],
      changed: this.#changed,
      conflicts: [...(this.#conflicts?.values() ?? [])],
      ...(same && { same }),
      missing: this.#missing,
      ...(all && { all }),
      uncountable: this.#uncountable ?? NONE,
      upTo: this.#upTo,
    };
  }

  #passOver(
    identity: Buffer,
    seen: Seen,
    own: Measured | Refusal | undefined,
    its: Measured | Refusal | undefined,
  ): void {
    const name = identity.toString('hex', 0, IDENTITY_BYTES);
    this.#passedOver ??= new Map();
    if (this.#passedOver.has(name)) return;
    const kept = { ...(isMeasured(own) && { own }), ...(isMeasured(its) && { by: its }) };
    this.#passedOver.set(name, { identity, seen, ...kept });
  }

  /** Where the content that state holds came too, that one was folded, or refused: in neither case is it this one. */
  #takePassedOver({ identity, seen, own, by }: PassedOver): void {
    if (!this.#known.add(identity)) {
      this.#conflict(seen);
      return;
    }
    this.#found++;
    this.#changed++;
    if (this.#task.compares && own) this.#sameFold().add(own, seen);
    if (this.#task.folds && by) this.#allFold().add(by, seen);
  }

  #foldIn(seen: Seen, its: Measured | Refusal): void {
    if (!isMeasured(its)) this.#refuse(its.code, seen);
    else if (this.#wouldTakeGroup(its)) this.#heldBack.push({ seen, by: its });
    else this.#allFold().add(its, seen);
  }

  /**
   * Of more groups than a meter allows, state's choice is kept, as of conflicts: what it does not hold comes last, where
   * it would bring another group. By another revision it is the order of the log that chooses.
   */
  #wouldTakeGroup({ identity, parts }: Measured): boolean {
    const { own, folds } = this.#task;
    const head = this.#live.found?.head;
    if (!head || folds?.by !== own || this.#live.ids.find(identity) !== undefined) return false;
    return parts.some(({ meter, group }) => {
      const groups = head.bucket.meters.get(meter.name);
      return groups !== undefined && !groups.has(group);
    });
  }

  #refuse(code: string, { source, id }: Seen): void {
    const identity = hashIdentity(this.#live.key.tenant, source, id);
    // What state does not count either was refused before.
    if (this.#live.ids.find(identity) === undefined) return;
    this.#refused ??= new EntryTable();
    if (!this.#refused.add(identity)) return;
    this.#uncountable ??= new Map();
    this.#uncountable.set(code, (this.#uncountable.get(code) ?? 0) + 1);
  }

  #conflict({ source, id }: Seen): void {
    this.#conflicts ??= new Map();
    this.#conflicts.set(`${source} ${id}`, { source, id });
  }

  #sameFold(): BucketFold<Seen> {
    this.#same ??= new BucketFold(this.#live.key, this.#task.own!, (verdict, seen) => {
      if (verdict === 'conflict') this.#conflict(seen);
    });
    return this.#same;
  }

  #onTopFold(): BucketFold<Seen> {
    this.#onTop ??= new BucketFold(
      this.#live.key,
      this.#task.own!,
      (verdict, seen) => {
        if (verdict === 'conflict') this.#conflict(seen);
        if (verdict === 'counted') this.#missing.push(placeOf(seen));
      },
      startOf(this.#live),
    );
    return this.#onTop;
  }

  #allFold(): BucketFold<Seen> {
    this.#all ??= new BucketFold(this.#live.key, this.#task.folds!.by, (verdict, seen) => {
      if (verdict === 'conflict') this.#conflict(seen);
      if (verdict === 'too-many-groups') this.#refuse(verdict, seen);
    });
    return this.#all;
  }
}

/** Counting on what state holds, without the ids: those are looked up before. */
function startOf({ found }: LiveBucket) {
  const bucket = found?.head?.bucket;
  return bucket && { ...bucket, open: Buffer.alloc(0), openValues: new Map() };
}

/** A name that is the bucket's alone. */
export function nameOfBucket({ tenant, subject, type, window }: BucketKey): string {
  return JSON.stringify([tenant, subject, type, window]);
}
