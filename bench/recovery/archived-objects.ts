import { S3Archive } from '../../lambdas/adapters/s3-archive.ts';
import { S3RunFiles } from '../../lambdas/adapters/s3-run-files.ts';
import { archiveBatch } from '../../lambdas/archive/archive-batch.ts';
import type { LogRecord } from '../../lambdas/domain/log-record.ts';
import type { ManifestEntry, ManifestHead, ManifestStore } from '../../lambdas/domain/manifest.ts';
import { Batcher } from '../../lambdas/domain/recovery/plan-batches.ts';
import type { RunRequest } from '../../lambdas/domain/recovery/request.ts';
import { type Batch, type Plan, runFiles } from '../../lambdas/domain/recovery/run.ts';
import { PretendBucket } from '../emulate/pretend-bucket.ts';
import { SHARD } from '../emulate/pretend-log.ts';

export const ARCHIVE = 'archive';
export const RUNS = 'runs';

/** Archive objects in a bucket in memory, made by the archive's own code, with the manifest's entries beside them. */
export class ArchivedObjects {
  readonly bucket = new PretendBucket();
  readonly entries: ManifestEntry[] = [];
  #head: ManifestHead | undefined;

  /** Archives records as one object. */
  async add(records: readonly LogRecord[]): Promise<void> {
    const append = async (entry: ManifestEntry, head: ManifestHead) => {
      this.entries.push(entry);
      this.#head = head;
      return true;
    };
    const manifest: ManifestStore = { head: async () => this.#head, begin: append, append };
    await archiveBatch(records, {
      archive: new S3Archive(this.bucket, ARCHIVE),
      manifest,
      shards: { list: async () => [{ shardId: SHARD, open: true, parents: [], startingHashKey: '0' }] },
    });
  }

  /** Plans a run over all of it, cut into batches as `plan` cuts them. @returns the batches' keys */
  async plan(request: RunRequest, partitions: number): Promise<readonly string[]> {
    const { requestId } = request;
    const files = new S3RunFiles(this.bucket.client(), RUNS);
    const write = (name: string, value: unknown) =>
      files.put(requestId, name, Buffer.from(JSON.stringify(value)));
    const batcher = new Batcher();
    const cut = this.entries.flatMap((entry) => [batcher.add(entry) ?? []].filter((some) => some.length > 0));
    const batches = [...cut, batcher.take() ?? []];
    for (const [number, objects] of batches.entries())
      await write(runFiles.batch(number), { kind: 'objects', number, objects } satisfies Batch);
    const { last, objects, records, events, bytes } = this.#head!;
    const plan: Plan = {
      ...{ request, knownAt: '2026-11-21T00:00:00.000Z' },
      summary: { objects, records, events, bytes, batches: batches.length, partitions, minutes: 1 },
      ...{ archivedTo: { [SHARD]: last }, projectedTo: { [SHARD]: last } },
    };
    await write(runFiles.plan, plan);
    return batches.map((_, number) => `runs/${requestId}/${runFiles.batch(number)}`);
  }
}
