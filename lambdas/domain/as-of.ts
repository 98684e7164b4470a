import type { Shard } from './manifest.ts';

/**
 * The moment up to which the log has been projected: what was acknowledged before it is in state. It is the earliest,
 * over the open shards, of the last mark passed. A shard without a mark of its own yet is as far as its parents are: it
 * is read only after their end. Undefined where a shard has passed no mark, and nothing can be said.
 *
 * @param marks The last mark passed (RFC 3339, UTC, ms) by shard.
 * @param listed When the shards were listed, likewise: of shards opened since, nothing is known.
 */
export function asOf(
  shards: readonly Shard[],
  marks: ReadonlyMap<string, string>,
  listed: string,
): string | undefined {
  const byId = new Map(shards.map((shard) => [shard.shardId, shard]));
  const passed = (shard: Shard): string | undefined =>
    marks.get(shard.shardId) ?? earliest(shard.parents.flatMap((id) => byId.get(id) ?? []).map(passed));
  const all = earliest(shards.filter((shard) => shard.open).map(passed));
  return all === undefined || all < listed ? all : listed;
}

function earliest(times: readonly (string | undefined)[]): string | undefined {
  let least = times[0];
  for (const time of times) {
    if (time === undefined) return undefined;
    if (time < least!) least = time;
  }
  return least;
}
