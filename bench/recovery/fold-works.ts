import { contracts } from '../../build/contracts/counting.mjs';
import { S3Archive } from '../../lambdas/adapters/s3-archive.ts';
import { S3RunFiles } from '../../lambdas/adapters/s3-run-files.ts';
import { inForce } from '../../lambdas/domain/recovery/choose-revision.ts';
import { type LiveBucket, liveBucket } from '../../lambdas/domain/recovery/live-bucket.ts';
import type { ReconcileRequest } from '../../lambdas/domain/recovery/request.ts';
import { BucketReview, nameOfBucket } from '../../lambdas/domain/recovery/review-bucket.ts';
import { type Run, runFiles } from '../../lambdas/domain/recovery/run.ts';
import type { EventLine } from '../../lambdas/domain/recovery/shuffle.ts';
import { foldPartition } from '../../lambdas/fold/fold-partition.ts';
import type { FoldPorts } from '../../lambdas/fold/fold-ports.ts';
import { PartitionReader } from '../../lambdas/platform/shuffle-files.ts';
import { systemClock, systemRandom, systemSleep } from '../../lambdas/platform/system.ts';
import { scanBatch } from '../../lambdas/scan/scan-batch.ts';
import { projectInMemory, WORKS, type Work } from '../cpu/works.ts';
import { SHARD } from '../emulate/pretend-log.ts';
import { recordsOf } from '../records.ts';
import type { Batch } from '../workloads.ts';
import { ARCHIVE, ArchivedObjects, RUNS } from './archived-objects.ts';
import { MemoryBuckets } from './memory-buckets.ts';

export const REQUEST: ReconcileRequest = {
  ...{ verb: 'reconcile', requestId: 'bench', operator: 'bench', reason: 'how fast it is', dryRun: false },
  ...{ repair: false, identities: false, rate: 500, maxLagSeconds: 30 },
};

/** What is timed: each goes over the same events. */
export const FOLD_WORKS = ['floor', 'projector', 'compare', 'rebuild', 'scan', 'fold'] as const;
export type FoldWork = (typeof FOLD_WORKS)[number];

/**
 * The projector and its floor, the pure fold over shuffle lines (comparing, as `reconcile` does, and anew, as `rebuild`), and the
 * rooms `scan` and `fold` with their ports in memory, all over one set of events. `scan` must run before `fold`.
 * @param objectEvents events of an archive object, at least
 */
export async function foldWorks(
  batches: readonly Batch[],
  objectEvents: number,
): Promise<Readonly<Record<FoldWork, Work>>> {
  const archived = new ArchivedObjects();
  let events = 0;
  let waiting: ReturnType<typeof recordsOf> = [];
  for (const batch of batches) {
    waiting.push(...recordsOf(batch));
    events += batch.events.length;
    if (events < objectEvents) continue;
    await archived.add(waiting);
    [events, waiting] = [0, []];
  }
  if (waiting.length > 0) await archived.add(waiting);
  const keys = await archived.plan(REQUEST, 1);
  const buckets = new MemoryBuckets(await projectInMemory(batches.map(recordsOf)));
  const { scan, fold, files } = rooms(archived, keys, buckets);
  await scan();
  const lines = await linesByBucket(files, buckets);
  return {
    ...{ floor: WORKS.projector(batches).floor, projector: WORKS.projector(batches).real },
    ...{ compare: () => review(lines, true), rebuild: () => review(lines, false) },
    ...{ scan, fold },
  };
}

type Lines = readonly { readonly live: LiveBucket; readonly lines: readonly EventLine[] }[];

async function linesByBucket(files: S3RunFiles, buckets: MemoryBuckets): Promise<Lines> {
  const lines: EventLine[] = [];
  for await (const line of new PartitionReader(files, REQUEST.requestId, 0).lines())
    if (line.kind === 'event') lines.push(line);
  const groups = [...Map.groupBy(lines, ({ key }) => nameOfBucket(key)).values()];
  return Promise.all(
    groups.map(async (group) => {
      const { key } = group[0]!;
      const [found] = await buckets.find([key]);
      return { live: liveBucket(key, found, await buckets.pages(key)), lines: group };
    }),
  );
}

/** Standings as they are where the projector has counted all. */
const COUNTED = { refused: false, projected: true };

function review(all: Lines, compares: boolean): number {
  let counted = 0;
  for (const { live, lines } of all) {
    const own = inForce(contracts, live.key)!;
    const task = compares ? { own, compares } : { own, compares, folds: { by: own, what: 'all' as const } };
    const bucket = new BucketReview(live, task);
    for (const line of lines) bucket.take(line, COUNTED);
    const { same, all: folded } = bucket.finish();
    counted += Number((same ?? folded)!.bucket.n);
  }
  return counted;
}

function rooms(archived: ArchivedObjects, keys: readonly string[], buckets: MemoryBuckets) {
  const { requestId } = REQUEST;
  const client = archived.bucket.client();
  const files = new ForgetfulFiles(client, RUNS);
  const run: Run = { request: REQUEST, attempt: 1, status: 'running', startedAt: '2026-11-21T00:00:00.000Z' };
  const ports = {
    ...{
      contracts,
      files,
      buckets,
      archive: new S3Archive(client, ARCHIVE),
      runs: { find: async () => run },
    },
    ...{ clock: systemClock, random: systemRandom, sleep: systemSleep },
    shards: { list: async () => [{ shardId: SHARD, open: true, parents: [], startingHashKey: '0' }] },
    manifest: { entry: async () => undefined, head: unused, shards: unused, entries: unused },
    touched: { buckets: unused },
    log: { publish: unused },
  } as unknown as FoldPorts & Parameters<typeof scanBatch>[1];
  return {
    files,
    scan: async () => {
      for (const batch of keys) await scanBatch({ requestId, attempt: 1, batch }, ports);
    },
    fold: async () => {
      const partition = `runs/${requestId}/${runFiles.partition(0)}`;
      await foldPartition({ requestId, attempt: 1, partition }, ports, Number.POSITIVE_INFINITY);
      const bytes = await files.get(requestId, runFiles.folded(0), true);
      const { counts } = JSON.parse(String(bytes));
      if (counts.bucketsDiffering !== 0) throw new Error(`state and archive differ: ${String(bytes)}`);
    },
  };
}

function unused(): never {
  throw new Error('nothing differs, so nothing is looked at again');
}

/** Results are not there for who looks whether the work is done: so it can be done again. */
class ForgetfulFiles extends S3RunFiles {
  override async get(requestId: string, name: string, remembers = false): Promise<Buffer | undefined> {
    return !remembers && /^(scanned|folded)\/\d+\.json$/.test(name) ? undefined : super.get(requestId, name);
  }
}
