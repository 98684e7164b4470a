import type { BucketKey, Page } from '../../lambdas/domain/bucket.ts';
import type { Contracts } from '../../lambdas/domain/contract.ts';
import { metersOf } from '../../lambdas/domain/count-events.ts';
import { decodeHead, decodePage, type Head, itemBytes } from '../../lambdas/domain/head-item.ts';
import { headKey, pagePrefix, subjectKey } from '../../lambdas/domain/keys.ts';
import type { Shard } from '../../lambdas/domain/manifest.ts';
import type {
  HeadRange,
  HeadsRead,
  ProjectorProgress,
  UsageReader,
} from '../../lambdas/domain/usage-reader.ts';
import type { MemoryTable } from './memory-state.ts';

/** Reads what a projector over the same table in memory has written. */
export class MemoryUsage implements UsageReader {
  readonly #table: MemoryTable;
  readonly #metersOf;

  constructor(table: MemoryTable, contracts: Contracts) {
    this.#table = table;
    this.#metersOf = metersOf(contracts);
  }

  async heads({ tenant, subject, type, first, last }: HeadRange, maxBytes: number): Promise<HeadsRead> {
    const pk = subjectKey(tenant, subject);
    const names = [...this.#table.versions.keys()].filter(
      (name) => name >= `${pk} ${headKey(type, first)}` && name <= `${pk} ${headKey(type, last)}`,
    );
    const heads: Head[] = [];
    let bytes = 0;
    for (const name of names.sort()) {
      if (bytes >= maxBytes) return { heads, cut: true };
      const window = name.slice(name.lastIndexOf('#') + 1);
      const item = this.#table.read(name)!;
      bytes += itemBytes(item);
      heads.push(decodeHead(item, { tenant, subject, type, window }, this.#metersOf));
    }
    return { heads, cut: false };
  }

  async pages(key: BucketKey, epoch: number): Promise<readonly Page[]> {
    const prefix = `${subjectKey(key.tenant, key.subject)} ${pagePrefix(key.type, key.window, epoch)}`;
    const names = [...this.#table.versions.keys()].filter((name) => name.startsWith(prefix));
    return names.map((name) => decodePage(this.#table.read(name)!));
  }
}

/** Progress as a test wants it. */
export class FixedProgress implements ProjectorProgress {
  list: Shard[] = [{ shardId: 'shard-0', parents: [], open: true, startingHashKey: '0' }];
  passed: Record<string, string> = { 'shard-0': '2026-11-21T07:29:00.000Z' };
  pending = 0;
  fails = false;

  async shards(): Promise<readonly Shard[]> {
    if (this.fails) throw new Error('kinesis is down');
    return this.list;
  }

  async marks(): Promise<ReadonlyMap<string, string>> {
    return new Map(Object.entries(this.passed));
  }

  async pendingRepairs(): Promise<number> {
    return this.pending;
  }
}
