import { compareSequences } from '../log-record.ts';
import type { ManifestEntry } from '../manifest.ts';
import type { CertifiedRange } from './check-chain.ts';

/** An object as a certificate's proof names it: a line of a proof file. */
export type CertifiedObject = Pick<
  ManifestEntry,
  'key' | 'sha256' | 'first' | 'last' | 'records' | 'events' | 'bytes' | 'chain'
>;

/** Objects of a shard's stretch, in their order, as JSON lines, compressed: beside the certificate, which has its hash. */
export interface ProofFile {
  /** Its name in the folder of the certificate's proofs. */
  readonly file: string;
  /** Of the stored bytes. */
  readonly sha256: string;
}

/** A shard's part in a certificate: a stretch of its chain without gaps. Its objects are in its proof files. */
export interface ShardProof {
  readonly shardId: string;
  readonly parents: readonly string[];
  /** The chain before the first object, and after the last one. */
  readonly start: string;
  readonly end: string;
  /** Sequence numbers; absent where the stretch is empty. */
  readonly first?: string;
  readonly last?: string;
  /** How many, and what is in them. */
  readonly objects: number;
  readonly records: number;
  readonly events: number;
  readonly proofs: readonly ProofFile[];
}

/** Takes a shard's objects as they are met, so that no chain needs memory. */
export interface ProofWriter {
  write(object: CertifiedObject): Promise<void>;
  /** @returns the files that were written, in order */
  end(): Promise<readonly ProofFile[]>;
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
  readonly #writer: ProofWriter;
  /** Objects outside the range which belong to the stretch if another one of the range follows. */
  #between: CertifiedObject[] = [];
  #sums = { objects: 0, records: 0, events: 0 };
  #ends: { readonly first: string; readonly last: string } | undefined;
  #start: string;
  #end: string;
  #isOver: boolean;

  /** @param parents with `start`, the chain that they begin the shard's with */
  constructor(
    { shardId, parents, start }: Pick<ShardProof, 'shardId' | 'parents' | 'start'>,
    range: CertifiedRange,
    writer: ProofWriter,
  ) {
    this.#shardId = shardId;
    this.#parents = parents;
    this.#start = start;
    this.#end = start;
    this.#fromMs = range.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(range.from);
    this.#toMs = range.to === undefined ? Number.POSITIVE_INFINITY : Date.parse(range.to);
    this.#upTo = range.archivedTo?.[shardId];
    // A shard that had no objects when the bounds were set has none in the range.
    this.#isOver = range.archivedTo !== undefined && this.#upTo === undefined;
    this.#writer = writer;
  }

  async add(entry: ManifestEntry): Promise<void> {
    const { arrived, last } = entry;
    const startMs = Date.parse(arrived.from);
    if (startMs >= this.#toMs + SETTLED_MS) this.#isOver = true;
    if (this.#upTo !== undefined && compareSequences(last, this.#upTo) > 0) this.#isOver = true;
    if (this.#isOver) return;
    if (startMs < this.#toMs && Date.parse(arrived.to) >= this.#fromMs) {
      for (const object of this.#between) await this.#take(object);
      await this.#take(certified(entry));
      this.#between = [];
    } else if (this.#ends) {
      this.#between.push(certified(entry));
    } else {
      this.#start = entry.chain;
      this.#end = entry.chain;
    }
  }

  async #take(object: CertifiedObject): Promise<void> {
    const { first, last, records, events, chain } = object;
    const sums = this.#sums;
    this.#sums = {
      objects: sums.objects + 1,
      records: sums.records + records,
      events: sums.events + events,
    };
    this.#ends = { first: this.#ends?.first ?? first, last };
    this.#end = chain;
    await this.#writer.write(object);
  }

  async proof(): Promise<ShardProof> {
    return {
      shardId: this.#shardId,
      parents: this.#parents,
      start: this.#start,
      end: this.#end,
      ...this.#ends,
      ...this.#sums,
      proofs: await this.#writer.end(),
    };
  }
}

function certified(entry: ManifestEntry): CertifiedObject {
  const { key, sha256, first, last, records, events, bytes, chain } = entry;
  return { key, sha256, first, last, records, events, bytes, chain };
}
