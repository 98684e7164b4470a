import type { BucketKey, Page } from '../../lambdas/domain/bucket.ts';
import type { Contracts } from '../../lambdas/domain/contract.ts';
import { metersOf } from '../../lambdas/domain/count-events.ts';
import {
  decodeHead,
  decodePage,
  encodeHead,
  encodePage,
  type Head,
  type Item,
  type MetersOf,
} from '../../lambdas/domain/head-item.ts';
import { headKey, subjectKey } from '../../lambdas/domain/keys.ts';
import type { HeadWrite, StateStore } from '../../lambdas/domain/state-store.ts';

/** State in memory, through the same encoding as the table's, and with nothing else that takes time. */
export class MemoryStore implements StateStore {
  /** Heads by {@link headName}, pages by their keys. */
  readonly items = new Map<string, Item>();
  readonly #metersOf: MetersOf;

  constructor(contracts: Contracts) {
    this.#metersOf = metersOf(contracts);
  }

  async heads(keys: readonly BucketKey[]): Promise<readonly (Head | undefined)[]> {
    return keys.map((key) => {
      const item = this.items.get(headName(key));
      return item && decodeHead(item, key, this.#metersOf);
    });
  }

  /** The caller has every page that it sealed in its cache. */
  async pages(): Promise<readonly Page[]> {
    return [];
  }

  async page(_key: BucketKey, pageKey: string): Promise<Page | undefined> {
    const item = this.items.get(pageKey);
    return item && decodePage(item);
  }

  async putPage(key: BucketKey, page: Page): Promise<void> {
    this.items.set(page.key, encodePage(key, page));
  }

  async putHead(head: Head, seen: number | undefined): Promise<HeadWrite> {
    const name = headName(head.key);
    const item = this.items.get(name);
    // The table compares one attribute and decodes nothing.
    if (versionOf(item) !== seen)
      return { written: false, current: item && decodeHead(item, head.key, this.#metersOf) };
    this.items.set(name, encodeHead(head, this.#metersOf(head.key.type, head.bucket.revision)));
    return { written: true };
  }
}

export function headName(key: BucketKey): string {
  return `${subjectKey(key.tenant, key.subject)} ${headKey(key.type, key.window)}`;
}

function versionOf(item: Item | undefined): number | undefined {
  return item?.v && 'N' in item.v ? Number(item.v.N) : undefined;
}
