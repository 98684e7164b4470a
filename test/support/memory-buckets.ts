import type { BucketKey, Page } from '../../lambdas/domain/bucket.ts';
import type { Contracts } from '../../lambdas/domain/contract.ts';
import { metersOf } from '../../lambdas/domain/count-events.ts';
import {
  decodePage,
  encodeHead,
  encodePage,
  type Head,
  type Item,
  StateFormatError,
} from '../../lambdas/domain/head-item.ts';
import { headKey, pagePrefix, subjectKey } from '../../lambdas/domain/keys.ts';
import { asKept, fromKept, keptKey, readFound } from '../../lambdas/domain/recovery/found-bucket.ts';
import type { BucketStore, FoundBucket } from '../../lambdas/domain/recovery/ports.ts';
import type { HeadWrite } from '../../lambdas/domain/state-store.ts';
import { type Around, MemoryTable } from './memory-state.ts';

/** Buckets for recovery, over the table that a `MemoryState` counts into. */
export class MemoryBuckets implements BucketStore {
  readonly #table: MemoryTable;
  readonly #metersOf;
  readonly #around: Around;

  constructor(contracts: Contracts, table = new MemoryTable(), around: Around = () => {}) {
    this.#table = table;
    this.#metersOf = metersOf(contracts);
    this.#around = around;
  }

  find(keys: readonly BucketKey[]): Promise<readonly (FoundBucket | undefined)[]> {
    return this.#call('find', () =>
      keys.map((key) => this.#read(nameOf(key, headKey(key.type, key.window)), key)),
    );
  }

  pages(key: BucketKey, epoch: number): Promise<readonly Page[]> {
    const prefix = nameOf(key, pagePrefix(key.type, key.window, epoch));
    return this.#call('pages', () =>
      [...this.#table.versions.keys()]
        .filter((name) => name.startsWith(prefix))
        .flatMap((name) => readPage(this.#table.read(name))),
    );
  }

  putPage(key: BucketKey, page: Page): Promise<void> {
    return this.#call('putPage', () => this.#table.write(nameOf(key, page.key), encodePage(key, page)));
  }

  replace(head: Head, seen: FoundBucket | undefined): Promise<HeadWrite> {
    const { key, bucket } = head;
    const name = nameOf(key, headKey(key.type, key.window));
    return this.#call('replace', (): HeadWrite => {
      const item = this.#table.read(name);
      if (!isAsSeen(item, seen)) return { written: false, current: this.#read(name, key)?.head };
      this.#table.write(name, encodeHead(head, this.#metersOf(key.type, bucket.revision)));
      return { written: true };
    });
  }

  keep(key: BucketKey, epoch: number, item: Item): Promise<void> {
    const name = nameOf(key, keptKey(key.type, key.window, epoch));
    return this.#call('keep', () => this.#table.write(name, asKept(item, key, epoch)));
  }

  kept(key: BucketKey, epoch: number): Promise<FoundBucket | undefined> {
    const name = nameOf(key, keptKey(key.type, key.window, epoch));
    return this.#call('kept', () => {
      const item = this.#table.read(name);
      return item && readFound(fromKept(item), key, this.#metersOf);
    });
  }

  #read(name: string, key: BucketKey): FoundBucket | undefined {
    const item = this.#table.read(name);
    return item && readFound(item, key, this.#metersOf);
  }

  async #call<T>(operation: string, effect: () => T): Promise<T> {
    await this.#around(operation, 'before');
    const result = effect();
    await this.#around(operation, 'after');
    return result;
  }
}

function nameOf(key: BucketKey, sk: string): string {
  return `${subjectKey(key.tenant, key.subject)} ${sk}`;
}

/** As DynamoDB judges the condition. */
function isAsSeen(item: Item | undefined, seen: FoundBucket | undefined): boolean {
  if (!item || !seen) return item === seen;
  const { v, digest } = seen.item;
  const isSame = (name: string, value: unknown) => JSON.stringify(item[name]) === JSON.stringify(value);
  return isSame('v', v) && (v !== undefined || isSame('digest', digest));
}

function readPage(item: Item | undefined): Page[] {
  try {
    return item ? [decodePage(item)] : [];
  } catch (error) {
    if (error instanceof StateFormatError) return [];
    throw error;
  }
}
