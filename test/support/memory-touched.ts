import type { BucketKey } from '../../lambdas/domain/bucket.ts';
import type { Item } from '../../lambdas/domain/head-item.ts';
import { bucketOf } from '../../lambdas/domain/keys.ts';
import type { TouchedIndex } from '../../lambdas/domain/recovery/ports.ts';
import type { MemoryTable } from './memory-state.ts';

/** The arrival index of a table in memory, never behind it. */
export class MemoryTouched implements TouchedIndex {
  readonly #table: MemoryTable;
  readonly #pageSize: number;

  constructor(table: MemoryTable, pageSize = 3) {
    this.#table = table;
    this.#pageSize = pageSize;
  }

  async *buckets(touched: string): AsyncGenerator<readonly BucketKey[]> {
    const keys = [...this.#table.versions.values()].flatMap((versions) => {
      const { pk, sk, touched: at } = versions.at(-1) as { pk: { S: string }; sk: { S: string } } & Item;
      return at && 'S' in at && at.S === touched ? (bucketOf(pk.S, sk.S) ?? []) : [];
    });
    for (let at = 0; at < keys.length; at += this.#pageSize) yield keys.slice(at, at + this.#pageSize);
  }
}
