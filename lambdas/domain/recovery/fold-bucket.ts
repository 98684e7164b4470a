import type { Bucket, BucketKey, ByMeter, Measured, Verdict } from '../bucket.ts';
import { valuesKey } from '../bucket.ts';
import type { Revision } from '../contract.ts';
import { EntryTable } from '../entry-table.ts';
import { evolve, NOTHING_SEALED, newBucket } from '../evolve.ts';
import { newPageKey } from '../head-item.ts';
import { ENTRY_BYTES } from '../identity.ts';
import { roomFor, sealIfFull } from '../seal.ts';
import { touchedIn } from '../touched.ts';

/** A contract's revision by its number, from 1. */
export interface NumberedRevision {
  readonly number: number;
  readonly revision: Revision;
}

/** What a page will hold; its key and place in the chain come when it is written. */
export interface Chunk {
  readonly ids: Buffer;
  readonly values: ByMeter<Buffer>;
}

/** A bucket as folded: `bucket` has what is open, `chunks` what is to be sealed before it, the first sealed first. */
export interface Folded {
  readonly bucket: Bucket;
  readonly chunks: readonly Chunk[];
}

/** What becomes of each event, as it is counted. */
export type Note<T> = (verdict: Verdict, of: T) => void;

/** As long as what stands in their places in a head, for whether it is full. */
const LIKE_A_HEAD = { v: 1_800_000_000_000, upTo: `shardId-000000000000:${'9'.repeat(56)}` };
/** Of open ids: what a head surely has room for, so that it need not be looked at. */
const FEW_BYTES = 8 * ENTRY_BYTES;
const LIKE_RANDOM = '0'.repeat(24);

/**
 * Folds one bucket's events as they come, with the projector's own `evolve`, and seals as it would. It holds the ids of
 * what it has counted, and the events given since the last {@link flush}.
 */
export class BucketFold<T> {
  readonly #key: BucketKey;
  readonly #revision: Revision;
  readonly #note: Note<T>;
  readonly #chunks: Chunk[] = [];
  /** Made when there is something sealed: most buckets are small, and there may be many. */
  #sealed: { readonly ids: EntryTable; readonly values: Map<string, EntryTable> } | undefined;
  #waiting: { readonly measured: Measured; readonly of: T }[] = [];
  #bucket: Bucket;

  /** @param start what the events are counted on top of, instead of nothing: its ids must be known to the caller */
  constructor(key: BucketKey, by: NumberedRevision, note: Note<T> = () => {}, start?: Bucket) {
    this.#key = key;
    this.#revision = by.revision;
    this.#note = note;
    this.#bucket = start ?? newBucket(by.number, 1);
  }

  add(measured: Measured, of: T): void {
    this.#waiting.push({ measured, of });
  }

  /** Counts what waits. */
  flush(): void {
    for (let at = 0; at < this.#waiting.length; ) {
      const taken = this.#waiting.slice(at, at + roomFor(this.#bucket, this.#revision.meters));
      at += taken.length;
      const sealed = this.#sealed ?? NOTHING_SEALED;
      const measured = taken.map((each) => each.measured);
      const { bucket, verdicts } = evolve(this.#bucket, measured, sealed);
      for (const [index, verdict] of verdicts.entries()) this.#note(verdict, taken[index]!.of);
      this.#bucket = bucket.open.length < FEW_BYTES ? bucket : this.#seal(bucket);
    }
    if (this.#waiting.length > 0) this.#waiting = [];
  }

  finish(): Folded {
    this.flush();
    this.#bucket = this.#seal(this.#bucket);
    return { bucket: this.#bucket, chunks: this.#chunks };
  }

  #seal(bucket: Bucket): Bucket {
    const head = { ...LIKE_A_HEAD, key: this.#key, bucket, touched: touchedIn(this.#key, '2026-11') };
    const newKey = () => newPageKey(this.#key, bucket.epoch, LIKE_RANDOM);
    const sealed = sealIfFull(head, this.#revision.meters, newKey);
    if (!sealed.page) return bucket;
    const { ids, values } = sealed.page;
    this.#chunks.push({ ids, values });
    this.#sealed ??= { ids: new EntryTable(), values: new Map() };
    this.#sealed.ids.addAll(ids);
    addValues(this.#sealed.values, values);
    return sealed.head.bucket;
  }
}

/** Adds runs of value hashes to tables by meter and group. */
export function addValues(tables: Map<string, EntryTable>, values: ByMeter<Buffer>): void {
  for (const [meter, groups] of values) {
    for (const [group, hashes] of groups) {
      const name = valuesKey(meter, group);
      let table = tables.get(name);
      if (!table) {
        table = new EntryTable();
        tables.set(name, table);
      }
      table.addAll(hashes);
    }
  }
}
