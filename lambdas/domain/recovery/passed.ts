import { asOf } from '../as-of.ts';
import type { Shard } from '../manifest.ts';
import type { Passed } from './ports.ts';

/** Whether a consumer has passed this mark (RFC 3339, ms) on every open shard. The shards must be listed after it was put. */
export function hasPassed(
  shards: readonly Shard[],
  passes: ReadonlyMap<string, Pick<Passed, 'mark'>>,
  mark: string,
): boolean {
  return passedAll(shards, passes, mark) === mark;
}

/** The latest mark that any of these has passed: a later one was put after it, whatever the clocks say. */
export function latestMark(passes: Iterable<Pick<Passed, 'mark'> | undefined>): string | undefined {
  let latest: string | undefined;
  for (const each of passes) if (each && (latest === undefined || each.mark > latest)) latest = each.mark;
  return latest;
}

/** The moment before which a consumer has dealt with all that was acknowledged; undefined where nothing can be said. */
export function passedAll(
  shards: readonly Shard[],
  passes: ReadonlyMap<string, Pick<Passed, 'mark'>>,
  listed: string,
): string | undefined {
  return asOf(shards, new Map([...passes].map(([shardId, { mark }]) => [shardId, mark])), listed);
}

/**
 * Sequence numbers up to which all of a shard is projected. A shard that is not among them is projected to its end: one
 * that is closed, and after which the projector has come to a child's mark. Of a shard that it may not have begun, it is 0.
 */
export function projectedTo(
  shards: readonly Shard[],
  passes: ReadonlyMap<string, Passed>,
): Record<string, string> {
  const ended = new Set<string>();
  const byId = new Map(shards.map((shard) => [shard.shardId, shard]));
  const end = (shardId: string) => {
    if (ended.has(shardId)) return;
    ended.add(shardId);
    for (const parent of byId.get(shardId)?.parents ?? []) end(parent);
  };
  // Children are only read after their parents' ends.
  for (const { shardId, parents } of shards) if (passes.has(shardId)) parents.forEach(end);
  const reached = shards
    .filter(({ shardId }) => !ended.has(shardId))
    .map(({ shardId }) => [shardId, passes.get(shardId)?.sequence ?? '0'] as const);
  return Object.fromEntries(reached);
}
