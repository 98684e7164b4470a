import type { Shard } from '../domain/manifest.ts';
import type { Passed } from '../domain/recovery/ports.ts';
import type { PlanPorts } from './ports.ts';

/** How far both consumers are, on the shards that the log lists. */
export interface Passes {
  readonly shards: readonly Shard[];
  /** When the shards were listed: RFC 3339, ms. */
  readonly listed: string;
  /** Those of the shards that have a manifest. */
  readonly archived: readonly string[];
  readonly archive: ReadonlyMap<string, Pick<Passed, 'mark'>>;
  readonly projector: ReadonlyMap<string, Passed>;
}

export async function readPasses({ clock, shards, manifest, projector }: PlanPorts): Promise<Passes> {
  const listed = new Date(clock.now()).toISOString();
  const all = await shards.list();
  const heads = await Promise.all(all.map(({ shardId }) => manifest.head(shardId)));
  const archive = heads.flatMap((head) =>
    head?.mark === undefined ? [] : [[head.shardId, { mark: head.mark }] as const],
  );
  const archived = heads.flatMap((head) => head?.shardId ?? []);
  return { shards: all, listed, archived, archive: new Map(archive), projector: await projector.read() };
}
