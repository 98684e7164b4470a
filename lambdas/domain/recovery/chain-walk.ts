import { compareSequences } from '../log-record.ts';
import { chainHash, type ManifestEntry, type ManifestHead } from '../manifest.ts';
import type { Anchor } from './anchors.ts';
import type { Finding } from './run.ts';

/** A place where a shard's manifest contradicts itself. */
export interface Break {
  readonly kind: 'chain-broken' | 'entry-missing' | 'entries-overlap' | 'head-differs';
  readonly where: string;
  readonly detail: string;
}

const TOTALS = ['objects', 'records', 'events', 'bytes'] as const;
type Totals = Record<(typeof TOTALS)[number], number>;

/** A link that does not follow from what is before it. */
interface BrokenLink {
  readonly entry: ManifestEntry;
  /** Where the chain was still whole. */
  readonly after: string | undefined;
}

/** Walks one shard's entries in order. */
export class ChainWalk {
  readonly totals: Totals = { objects: 0, records: 0, events: 0, bytes: 0 };
  readonly #shardId: string;
  readonly #anchors: ReadonlyMap<string, readonly Anchor[]>;
  readonly #anchorsMet = new Set<Anchor>();
  readonly #anchorsBroken: { readonly anchor: Anchor; readonly entry: ManifestEntry }[] = [];
  readonly #broken: BrokenLink[] = [];
  readonly #overlaps: Break[] = [];
  #last: string | undefined;
  /**
   * What the next link may follow: the last entry's chain as it is stored, and as it was recomputed. They differ where
   * only that attribute was changed: what comes after it is then whole.
   */
  #ends: readonly string[] | undefined;

  /** @param starts what the first entry may follow; undefined for a walk that begins within the chain, which takes it as it is */
  constructor(shardId: string, starts: readonly string[] | undefined, anchors: readonly Anchor[]) {
    this.#shardId = shardId;
    this.#ends = starts;
    this.#anchors = Map.groupBy(anchors, ({ last }) => last);
  }

  /** The last sequence number, if there was an entry. */
  get last(): string | undefined {
    return this.#last;
  }

  get ends(): readonly string[] {
    return this.#last === undefined ? [] : (this.#ends ?? []);
  }

  add(entry: ManifestEntry): void {
    const { sha256, first, last, records, chain } = entry;
    const links = this.#ends?.map((end) => chainHash(end, sha256, first, last, records)) ?? [chain];
    const ends = links.includes(chain) ? [chain] : [chain, ...links];
    if (ends.length > 1) this.#broken.push({ entry, after: this.#last });
    this.#ends = ends;
    if (
      compareSequences(first, last) > 0 ||
      (this.#last !== undefined && compareSequences(first, this.#last) <= 0)
    )
      this.#overlaps.push({
        kind: 'entries-overlap',
        where: placeOf(entry),
        detail: `it begins at ${first}, where what is before it ends at ${this.#last}`,
      });
    this.#last = last;
    for (const name of ['records', 'events', 'bytes'] as const) this.totals[name] += entry[name];
    this.totals.objects++;
    for (const anchor of this.#anchors.get(last) ?? []) {
      this.#anchorsMet.add(anchor);
      if (!ends.includes(anchor.chain)) this.#anchorsBroken.push({ anchor, entry });
    }
  }

  /** What is wrong, once the head is known. */
  breaksAgainst(head: ManifestHead | undefined): readonly Break[] {
    const missing = head ? this.#lack(head) : undefined;
    const links = this.#broken.map((broken) => this.#linkBreak(broken, missing));
    return [...links, ...this.#overlaps, ...this.#headBreaks(head, missing)];
  }

  /** What is wrong in a part of the chain; and at its end, where that is known and was walked to. */
  breaksUpTo(end?: Pick<ManifestHead, 'last' | 'chain'>): readonly Break[] {
    const breaks = [...this.#broken.map((broken) => this.#linkBreak(broken, undefined)), ...this.#overlaps];
    if (!end || (end.last === this.#last && this.ends.includes(end.chain))) return breaks;
    const isShort = this.#last === undefined || compareSequences(this.#last, end.last) < 0;
    return [
      ...breaks,
      {
        kind: isShort ? 'entry-missing' : 'head-differs',
        where: `${this.#shardId} ${end.last}`,
        detail: `the shard’s head ended there with chain ${end.chain}; the last entry up to there ${
          this.#last === undefined ? 'is gone' : `ends at ${this.#last} with chain ${this.ends[0]}`
        }`,
      },
    ];
  }

  /** What the head has counted and the entries do not add up to, in words; undefined where no object is missing. */
  #lack(head: ManifestHead): string | undefined {
    if (head.objects <= this.totals.objects) return undefined;
    const lacks = TOTALS.map((name) => `${head[name] - this.totals[name]} ${name}`);
    return `the shard’s head has counted ${lacks.join(', ')} more than its entries`;
  }

  #linkBreak({ entry, after }: BrokenLink, missing: string | undefined): Break {
    const before = after === undefined ? 'the chain’s beginning' : `the entry that ends at ${after}`;
    return {
      kind: missing === undefined ? 'chain-broken' : 'entry-missing',
      where: placeOf(entry),
      detail:
        missing === undefined
          ? `its chain does not follow from ${before}: this entry (${entry.key}) was changed, or one before it was ` +
            'taken out or put in'
          : `between ${before} and this one (${entry.key}) entries are missing: ${missing}`,
    };
  }

  #headBreaks(head: ManifestHead | undefined, missing: string | undefined): readonly Break[] {
    const where = `${this.#shardId} head`;
    if (!head) return [{ kind: 'head-differs', where, detail: 'the shard’s head is gone' }];
    const isBefore = this.#last === undefined || compareSequences(this.#last, head.last) < 0;
    if (missing !== undefined && isBefore) {
      const from = this.#last === undefined ? 'from the beginning' : `after ${this.#last}`;
      const detail = `entries ${from} up to ${head.last} are missing: ${missing}`;
      return [{ kind: 'entry-missing', where: `${this.#shardId} ${head.last}`, detail }];
    }
    // Where an entry is missing before the end, the numbers differ because of it.
    if (missing !== undefined && this.#broken.length > 0 && this.#isEnd(head)) return [];
    const wrong = TOTALS.filter((name) => head[name] !== this.totals[name]).map(
      (name) => `it says ${head[name]} ${name}, its entries add up to ${this.totals[name]}`,
    );
    if (head.last !== this.#last) wrong.push(`it ends at ${head.last}, its last entry at ${this.#last}`);
    if (!this.#endsWith(head))
      wrong.push(`its chain is ${head.chain}, that of its last entry ${this.#ends?.[0]}`);
    return wrong.length > 0 ? [{ kind: 'head-differs', where, detail: wrong.join('; ') }] : [];
  }

  #isEnd(head: ManifestHead): boolean {
    return head.last === this.#last && this.#endsWith(head);
  }

  #endsWith({ chain }: ManifestHead): boolean {
    return this.#ends?.includes(chain) ?? false;
  }

  /** The first anchor that the chain does not go through any more; the later ones differ for the same reason. */
  anchorFindings(): readonly Finding[] {
    const gone = [...this.#anchors.values()]
      .flat()
      .filter((anchor) => !this.#anchorsMet.has(anchor))
      .map((anchor) => ({ anchor, entry: undefined }));
    const differing = [...this.#anchorsBroken, ...gone].sort((a, b) =>
      compareSequences(a.anchor.last, b.anchor.last),
    );
    const [first, ...later] = differing;
    if (!first) return [];
    const { anchor, entry } = first;
    const now = entry ? `the chain there is now ${entry.chain}` : 'no entry ends there now';
    const more = later.length > 0 ? `; ${later.length} later anchors differ too` : '';
    return [
      {
        kind: 'anchor-differs',
        where: `${this.#shardId} ${anchor.last}`,
        detail:
          `the anchor of ${anchor.at} has chain ${anchor.chain} with ${anchor.objects} objects, ${anchor.records} ` +
          `records and ${anchor.events} events up to there; ${now}${more}`,
        action:
          'The manifest was written anew up to there, after that day: compare it with point-in-time recovery of the ' +
          'control table from before, and look for objects in the archive bucket that no entry names',
      },
    ];
  }
}

function placeOf({ shardId, first, last }: ManifestEntry): string {
  return `${shardId} ${first}–${last}`;
}
