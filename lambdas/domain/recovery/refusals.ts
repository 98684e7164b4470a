import type { EventLine, RefusedLine } from './shuffle.ts';

/**
 * What the projector has said that it refused. An event may be sent several times under one origin: refused, redriven and
 * counted, replayed and refused again. Of the sendings that the projector has passed the last one decides: refused, the
 * event is in quarantine, and nothing is missing; not refused, it was counted then, and where state lacks it, it was lost.
 *
 * Sendings are told apart by what sent them (`replay`), and not by the number of refusals: a batch that the projector
 * takes twice says the same twice. Nor by their places: a refusal stands on another shard than its event.
 */
export class Refusals {
  /** By bucket and origin, the refused sendings. */
  readonly #refused = new Map<string, Set<string>>();

  get size(): number {
    return this.#refused.size;
  }

  /** @param bucket its name */
  add(bucket: string, { origin, replay }: RefusedLine): void {
    const name = nameOf(bucket, origin);
    const sendings = this.#refused.get(name);
    if (sendings) sendings.add(replay ?? FIRST);
    else this.#refused.set(name, new Set([replay ?? FIRST]));
  }

  /** To judge by the sendings of one source of lines. */
  judge(): RefusalJudge {
    return new RefusalJudge(this.#refused);
  }
}

/** Give it all sendings that the projector has passed, in the log's order, before the first question. */
export class RefusalJudge {
  readonly #refused: ReadonlyMap<string, ReadonlySet<string>>;
  /** Of what was refused, by bucket and origin: the last sending, and how many refused ones were seen. */
  readonly #sent = new Map<string, { last: string; readonly refused: Set<string> }>();

  constructor(refused: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#refused = refused;
  }

  take(bucket: string, { origin, replay = FIRST }: EventLine): void {
    const name = nameOf(bucket, origin);
    const refused = this.#refused.get(name);
    if (!refused) return;
    const sent = this.#sent.get(name) ?? { last: replay, refused: new Set() };
    sent.last = replay;
    if (refused.has(replay)) sent.refused.add(replay);
    this.#sent.set(name, sent);
  }

  /**
   * Whether the event is in quarantine instead of its bucket.
   * @param isPart whether the source may lack later sendings, as that of a period does: one of them that was refused excuses
   */
  excuses(bucket: string, { origin }: EventLine, isPart = false): boolean {
    const name = nameOf(bucket, origin);
    const refused = this.#refused.get(name);
    if (!refused) return false;
    const sent = this.#sent.get(name);
    // On its way to the projector, or refused before this was read.
    if (!sent) return true;
    return refused.has(sent.last) || (isPart && refused.size > sent.refused.size);
  }
}

/** No replay is called so. */
const FIRST = '';

function nameOf(bucket: string, origin: string): string {
  return `${bucket} ${origin}`;
}
