import type { Contracts } from '../domain/contract.ts';
import { EntryTable } from '../domain/entry-table.ts';
import { hashIdentity } from '../domain/identity.ts';
import { ownRevision } from '../domain/recovery/choose-revision.ts';
import type { LiveBucket } from '../domain/recovery/live-bucket.ts';
import { BucketReview } from '../domain/recovery/review-bucket.ts';
import type { Place } from '../domain/recovery/seen-event.ts';
import type { EventLine } from '../domain/recovery/shuffle.ts';

/** What the archive has of a bucket, beside what was kept of it and what stands there now. */
export class Sightings {
  readonly #kept: BucketReview;
  readonly #live: LiveBucket;
  readonly #known = new EntryTable();

  constructor(live: LiveBucket, kept: LiveBucket, contracts: Contracts) {
    this.#live = live;
    this.#kept = new BucketReview(kept, {
      own: ownRevision(contracts, kept.key, kept.found),
      compares: true,
    });
  }

  take(line: EventLine, { refused }: { readonly refused: boolean }): number {
    // What is still on its way to the projector may be sent twice: it is counted once.
    return this.#kept.take(line, { refused: this.#holds(line) ? false : refused, projected: true });
  }

  #holds({ key: { tenant }, source, id }: EventLine): boolean {
    const identity = hashIdentity(tenant, source, id);
    const isHeld = this.#live.ids.find(identity) !== undefined;
    if (isHeld) this.#known.add(identity);
    return isHeld;
  }

  flush(): void {
    this.#kept.flush();
  }

  finish(): { readonly missing: readonly Place[]; readonly strange: number } {
    return { missing: this.#kept.finish().missing, strange: this.#live.ids.size - this.#known.size };
  }
}
