import type { ManifestEntry } from '../domain/manifest.ts';
import { ChainWalk } from '../domain/recovery/chain-walk.ts';
import { breakFinding, startsOf } from '../domain/recovery/check-chain.ts';
import type { ManifestReader } from '../domain/recovery/ports.ts';
import type { Finding } from '../domain/recovery/run.ts';
import type { Bounds } from './set-bounds.ts';

/**
 * Follows the links of the entries that a run selects from, up to its bounds. What an entry no longer names would
 * otherwise pass for what nobody has sent, and be taken out of state.
 */
export class CheckLinks {
  readonly findings: Finding[] = [];
  readonly #bounds: Bounds;
  readonly #manifest: ManifestReader;
  #shardId = '';
  #walk: ChainWalk | undefined;

  constructor(bounds: Bounds, manifest: ManifestReader) {
    this.#bounds = bounds;
    this.#manifest = manifest;
  }

  /** @param fromStart whether its first entry comes next; else the next one is taken as it is */
  async begin(shardId: string, fromStart: boolean): Promise<void> {
    this.#shardId = shardId;
    this.#walk = new ChainWalk(shardId, fromStart ? await this.#starts(shardId) : undefined, []);
  }

  add(entry: ManifestEntry): void {
    this.#walk?.add(entry);
  }

  /** @param isAll whether the walk went to the bound, and not only as far as there is something to select */
  end(isAll: boolean): void {
    const last = this.#bounds.archivedTo[this.#shardId] ?? '';
    const chain = this.#bounds.chains[this.#shardId] ?? '';
    const breaks = this.#walk?.breaksUpTo(isAll ? { last, chain } : undefined) ?? [];
    this.findings.push(...breaks.map(breakFinding));
  }

  async #starts(shardId: string): Promise<readonly string[]> {
    const shards = await this.#manifest.shards();
    const parents = shards.find((shard) => shard.shardId === shardId)?.parents ?? [];
    // Of closed shards, whose heads do not move any more.
    const heads = await Promise.all(parents.map((parent) => this.#manifest.head(parent)));
    return startsOf(
      shardId,
      heads.map((head) => (head ? [head.chain] : [])),
    );
  }
}
