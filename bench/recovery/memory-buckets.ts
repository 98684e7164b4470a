import { contracts } from '../../build/contracts/counting.mjs';
import type { BucketKey, Page } from '../../lambdas/domain/bucket.ts';
import { metersOf } from '../../lambdas/domain/count-events.ts';
import { decodePage } from '../../lambdas/domain/head-item.ts';
import { readFound } from '../../lambdas/domain/recovery/found-bucket.ts';
import type { BucketStore, FoundBucket } from '../../lambdas/domain/recovery/ports.ts';
import { headName, type MemoryStore } from '../emulate/memory-store.ts';

const METERS = metersOf(contracts);

/** The state that a projector has left in memory, for who compares it. Nothing here needs to be written. */
export class MemoryBuckets implements BucketStore {
  readonly #state: MemoryStore;

  constructor(state: MemoryStore) {
    this.#state = state;
  }

  async find(keys: readonly BucketKey[]): Promise<readonly (FoundBucket | undefined)[]> {
    return keys.map((key) => this.#found(key));
  }

  async pages(key: BucketKey): Promise<readonly Page[]> {
    const pages: Page[] = [];
    for (let next = this.#found(key)?.head?.bucket.tail; next !== undefined; next = pages.at(-1)!.prev)
      pages.push(decodePage(this.#state.items.get(next)!));
    return pages;
  }

  readonly putPage = refuse;
  readonly replace = refuse;
  readonly keep = refuse;
  readonly kept = refuse;

  #found(key: BucketKey): FoundBucket | undefined {
    const item = this.#state.items.get(headName(key));
    return item && readFound(item, key, METERS);
  }
}

async function refuse(): Promise<never> {
  throw new Error('what agrees with the archive is not written anew');
}
