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
} from '../../lambdas/domain/head-item.ts';
import { headKey, pagePrefix, subjectKey } from '../../lambdas/domain/keys.ts';
import type { HeadWrite, StateStore } from '../../lambdas/domain/state-store.ts';

/** Called around each call, to crash there, to wait there, or to count. */
export type Around = (operation: string, moment: 'before' | 'after') => void | Promise<void>;

/** Items as DynamoDB would hold them. One table serves any number of instances, each with its own `MemoryState`. */
export class MemoryTable {
  /** Every version of each item, oldest first. */
  readonly versions = new Map<string, Item[]>();

  read(name: string): Item | undefined {
    return this.versions.get(name)?.at(-1);
  }

  write(name: string, item: Item): void {
    this.versions.set(name, [...(this.versions.get(name) ?? []), item]);
  }
}

/** A state store in memory, through the same encoding as the real one, with reads that may be stale. */
export class MemoryState implements StateStore {
  readonly #table: MemoryTable;
  readonly #metersOf;
  readonly #around: Around;
  readonly #staleness: () => number;

  /** @param staleness how many versions behind the next eventually consistent read of an item is */
  constructor(
    contracts: Contracts,
    table = new MemoryTable(),
    around: Around = () => {},
    staleness: () => number = () => 0,
  ) {
    this.#table = table;
    this.#metersOf = metersOf(contracts);
    this.#around = around;
    this.#staleness = staleness;
  }

  heads(keys: readonly BucketKey[]): Promise<readonly (Head | undefined)[]> {
    return this.#call('heads', () =>
      keys.map((key) => {
        const item = this.#stale(`${subjectKey(key.tenant, key.subject)} ${headKey(key.type, key.window)}`);
        return item && decodeHead(item, key, this.#metersOf);
      }),
    );
  }

  pages(key: BucketKey, epoch: number): Promise<readonly Page[]> {
    const prefix = `${subjectKey(key.tenant, key.subject)} ${pagePrefix(key.type, key.window, epoch)}`;
    return this.#call('pages', () =>
      [...this.#table.versions.keys()]
        .filter((name) => name.startsWith(prefix))
        .map((name) => this.#stale(name))
        .filter((item) => item !== undefined)
        .map(decodePage),
    );
  }

  page(key: BucketKey, pageKey: string): Promise<Page | undefined> {
    return this.#call('page', () => {
      const item = this.#table.read(`${subjectKey(key.tenant, key.subject)} ${pageKey}`);
      return item && decodePage(item);
    });
  }

  putPage(key: BucketKey, page: Page): Promise<void> {
    return this.#call('putPage', () =>
      this.#table.write(`${subjectKey(key.tenant, key.subject)} ${page.key}`, encodePage(key, page)),
    );
  }

  putHead(head: Head, seen: number | undefined): Promise<HeadWrite> {
    const name = `${subjectKey(head.key.tenant, head.key.subject)} ${headKey(head.key.type, head.key.window)}`;
    return this.#call('putHead', (): HeadWrite => {
      const item = this.#table.read(name);
      const current = item && decodeHead(item, head.key, this.#metersOf);
      if (current?.v !== seen) return { written: false, current };
      this.#table.write(name, encodeHead(head, this.#metersOf(head.key.type, head.bucket.revision)));
      return { written: true };
    });
  }

  #stale(name: string): Item | undefined {
    const versions = this.#table.versions.get(name) ?? [];
    return versions[versions.length - 1 - this.#staleness()];
  }

  async #call<T>(operation: string, effect: () => T): Promise<T> {
    await this.#around(operation, 'before');
    const result = effect();
    await this.#around(operation, 'after');
    return result;
  }
}
