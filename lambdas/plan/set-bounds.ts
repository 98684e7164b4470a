import { passedAll, projectedTo } from '../domain/recovery/passed.ts';
import { type Finding, type Plan, runFiles } from '../domain/recovery/run.ts';
import { settle } from './files.ts';
import { findLost } from './find-lost.ts';
import type { PlanPorts } from './ports.ts';
import { readPasses } from './read-passes.ts';

/** The point up to which a run looks. It is set once; what is planned follows from it, from the request, and from what lies before it. */
export interface Bounds extends Pick<Plan, 'knownAt' | 'archivedTo' | 'projectedTo'> {
  /** RFC 3339, ms. */
  readonly at: string;
  /** The chains' ends at `archivedTo`, by shard. */
  readonly chains: Readonly<Record<string, string>>;
  /** How much the heads count there. */
  readonly archived: { readonly objects: number; readonly bytes: number };
  /** What is not in them though it is known to have been archived. Kept, as these bounds are gone by to the end. */
  readonly lost: readonly Finding[];
}

const NOTHING_KNOWN = new Date(0).toISOString();

/**
 * Notes how far archive and projector are, unless that was done before. Of the archive it is read last, and then the shards
 * are listed again: one that has come to be meanwhile would pass for one so old that the log has forgotten it, and what the
 * projector has yet to read of it for missing.
 */
export async function setBounds(requestId: string, ports: PlanPorts): Promise<Bounds> {
  const at = new Date(ports.clock.now()).toISOString();
  const { shards, listed, archived: logged, archive, projector } = await readPasses(ports);
  const known = [passedAll(shards, archive, listed), passedAll(shards, projector, listed)];
  const archived = await ports.manifest.shards();
  const found = await Promise.all(archived.map(({ shardId }) => ports.manifest.head(shardId)));
  const heads = found.flatMap((head) => head ?? []);
  const byShard = new Map(heads.map((head) => [head.shardId, head]));
  return settle<Bounds>(ports.files, requestId, runFiles.bounds, {
    at,
    knownAt: known.reduce<string>(
      (least, each) => ((each ?? '') < least ? (each ?? NOTHING_KNOWN) : least),
      at,
    ),
    archivedTo: Object.fromEntries(heads.map(({ shardId, last }) => [shardId, last])),
    chains: Object.fromEntries(heads.map(({ shardId, chain }) => [shardId, chain])),
    archived: {
      objects: heads.reduce((sum, { objects }) => sum + objects, 0),
      bytes: heads.reduce((sum, { bytes }) => sum + bytes, 0),
    },
    projectedTo: projectedTo(await ports.shards.list(), projector),
    lost: await findLost({ atMs: Date.parse(at), shards: archived, heads: byShard, logged }, ports),
  });
}
