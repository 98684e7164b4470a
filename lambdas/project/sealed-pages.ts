import type { Bucket, BucketKey, Page, Sealed } from '../domain/bucket.ts';
import { valuesKey } from '../domain/bucket.ts';
import { EntryTable } from '../domain/entry-table.ts';
import { NOTHING_SEALED } from '../domain/evolve.ts';
import { ENTRY_BYTES } from '../domain/identity.ts';
import { headKey, subjectKey } from '../domain/keys.ts';
import type { StateStore } from '../domain/state-store.ts';

interface Cached {
  readonly ids: EntryTable;
  readonly values: Map<string, EntryTable>;
  tail: string;
  entries: number;
}

/** A chain names a page that is not there: the ids in it are unknown, so nothing more can be counted into the bucket. */
export class PageMissingError extends Error {
  override readonly name = 'PageMissingError';
  constructor(key: BucketKey, pageKey: string) {
    super(
      `bucket ${subjectKey(key.tenant, key.subject)} ${headKey(key.type, key.window)}: its chain names page ` +
        `${pageKey}, which does not exist; counting on would count again. Restore the page or rebuild the bucket ` +
        'from the archive: docs/runbook.md, "Page missing"',
    );
  }
}

/**
 * What sealed pages hold, by bucket. Pages never change, so what is cached is right for ever; the least recently used
 * buckets go when there are more than `maxEntries` entries in all.
 */
export class SealedPages {
  readonly #state: StateStore;
  readonly #maxEntries: number;
  readonly #cache = new Map<string, Cached>();
  #entries = 0;

  /** @param maxEntries 16 to 64 bytes of memory each */
  constructor(state: StateStore, maxEntries: number) {
    this.#state = state;
    this.#maxEntries = maxEntries;
  }

  /** @throws PageMissingError */
  async of(key: BucketKey, bucket: Bucket | undefined): Promise<Sealed> {
    if (bucket?.tail === undefined) return NOTHING_SEALED;
    const name = cacheName(key, bucket.epoch);
    const cached = this.#cache.get(name);
    if (cached?.tail === bucket.tail) {
      this.#cache.delete(name);
      this.#cache.set(name, cached);
      return cached;
    }
    const pages = await this.#chain(key, bucket.epoch, bucket.tail, cached?.tail);
    return this.#add(name, bucket.tail, pages.reachesCached ? cached : undefined, pages.pages);
  }

  /** Takes in a page that this instance has just sealed and whose head was written. */
  sealed(key: BucketKey, epoch: number, page: Page): void {
    const name = cacheName(key, epoch);
    const cached = this.#cache.get(name);
    if (cached?.tail === page.prev) this.#add(name, page.key, cached, [page]);
  }

  /** Pages from `tail` back to the cached one or to the first. */
  async #chain(key: BucketKey, epoch: number, tail: string, cachedTail: string | undefined) {
    // A bucket known up to some page mostly lacks one or two; an unknown one is taken whole.
    const listed = new Map<string, Page>();
    if (cachedTail === undefined) {
      for (const page of await this.#state.pages(key, epoch)) listed.set(page.key, page);
    }
    const pages: Page[] = [];
    let next: string | undefined = tail;
    while (next !== undefined && next !== cachedTail) {
      const page: Page | undefined = listed.get(next) ?? (await this.#state.page(key, next));
      if (!page) throw new PageMissingError(key, next);
      pages.push(page);
      next = page.prev;
    }
    return { pages, reachesCached: next !== undefined };
  }

  #add(name: string, tail: string, known: Cached | undefined, pages: readonly Page[]): Cached {
    const added = pages.reduce((sum, page) => sum + page.ids.length / ENTRY_BYTES, 0);
    const cached: Cached = known ?? { ids: new EntryTable(added), values: new Map(), tail, entries: 0 };
    for (const page of pages) addPage(cached, page);
    cached.tail = tail;
    const before = this.#cache.get(name);
    this.#cache.delete(name);
    this.#entries -= before?.entries ?? 0;
    cached.entries = countEntries(cached);
    this.#entries += cached.entries;
    this.#cache.set(name, cached);
    this.#evict(name);
    return cached;
  }

  #evict(keep: string): void {
    for (const [name, cached] of this.#cache) {
      if (this.#entries <= this.#maxEntries || name === keep) return;
      this.#cache.delete(name);
      this.#entries -= cached.entries;
    }
  }
}

function countEntries(cached: Cached): number {
  let entries = cached.ids.size;
  for (const table of cached.values.values()) entries += table.size;
  return entries;
}

function addPage(cached: Cached, page: Page): void {
  cached.ids.addAll(page.ids);
  for (const [meter, groups] of page.values) {
    for (const [group, hashes] of groups) {
      const key = valuesKey(meter, group);
      let table = cached.values.get(key);
      if (!table) {
        table = new EntryTable(hashes.length / ENTRY_BYTES);
        cached.values.set(key, table);
      }
      table.addAll(hashes);
    }
  }
}

function cacheName(key: BucketKey, epoch: number): string {
  return `${subjectKey(key.tenant, key.subject)} ${headKey(key.type, key.window)} ${epoch}`;
}
