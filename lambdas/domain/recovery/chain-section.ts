import { compareSequences } from '../log-record.ts';
import type { ManifestEntry } from '../manifest.ts';
import type { CertifiedRange } from './check-chain.ts';

/** An object as a certificate names it. */
export type CertifiedObject = Pick<
  ManifestEntry,
  'key' | 'sha256' | 'first' | 'last' | 'records' | 'events' | 'bytes' | 'chain'
>;

/** A shard's part in a certificate: a stretch of its chain without gaps. */
export interface ShardProof {
  readonly shardId: string;
  readonly parents: readonly string[];
  /** The chain before the first object, and after the last one. */
  readonly start: string;
  readonly end: string;
  readonly objects: readonly CertifiedObject[];
}

/** Arrival times within a shard rise, but for what clocks do: this long after the range, no object of it comes any more. */
const SETTLED_MS = 3_600_000;

/** Cuts the stretch out of a chain that holds all objects with arrivals in a range. */
export class ChainSection {
  readonly #shardId: string;
  readonly #parents: readonly string[];
  readonly #fromMs: number;
  readonly #toMs: number;
  readonly #upTo: string | undefined;
  readonly #objects: CertifiedObject[] = [];
  /** Objects outside the range which belong to the stretch if another one of the range follows. */
  #between: CertifiedObject[] = [];
  #start: string;
  #isOver = false;

  constructor(shardId: string, parents: readonly string[], start: string, range: CertifiedRange) {
    this.#shardId = shardId;
    this.#parents = parents;
    this.#start = start;
    this.#fromMs = range.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(range.from);
    this.#toMs = range.to === undefined ? Number.POSITIVE_INFINITY : Date.parse(range.to);
    this.#upTo = range.archivedTo?.[shardId];
  }

  add(entry: ManifestEntry): void {
    const { arrived, last } = entry;
    const startMs = Date.parse(arrived.from);
    if (startMs >= this.#toMs + SETTLED_MS) this.#isOver = true;
    if (this.#upTo !== undefined && compareSequences(last, this.#upTo) > 0) this.#isOver = true;
    if (this.#isOver) return;
    if (startMs < this.#toMs && Date.parse(arrived.to) >= this.#fromMs) {
      this.#objects.push(...this.#between, certified(entry));
      this.#between = [];
    } else if (this.#objects.length > 0) {
      this.#between.push(certified(entry));
    } else {
      this.#start = entry.chain;
    }
  }

  proof(): ShardProof {
    return {
      shardId: this.#shardId,
      parents: this.#parents,
      start: this.#start,
      end: this.#objects.at(-1)?.chain ?? this.#start,
      objects: this.#objects,
    };
  }
}

function certified(entry: ManifestEntry): CertifiedObject {
  const { key, sha256, first, last, records, events, bytes, chain } = entry;
  return { key, sha256, first, last, records, events, bytes, chain };
}
