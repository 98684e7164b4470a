import type { ArchivedShard } from './ports.ts';

/**
 * Shards in an order in which a subject's events came: after a split or a merge they go to a child of the shard that had
 * them. A circle can only be somebody's work on the table: its shards come in some order, each once.
 */
export function parentsFirst(shards: readonly ArchivedShard[]): readonly ArchivedShard[] {
  const byId = new Map(shards.map((shard) => [shard.shardId, shard]));
  const seen = new Set<ArchivedShard>();
  const ordered: ArchivedShard[] = [];
  const visit = (shard: ArchivedShard) => {
    if (seen.has(shard)) return;
    seen.add(shard);
    for (const parent of shard.parents) {
      const known = byId.get(parent);
      if (known) visit(known);
    }
    ordered.push(shard);
  };
  shards.forEach(visit);
  return ordered;
}
