import { beforeEach, describe, expect, it } from 'vitest';
import type { BucketKey } from '../../lambdas/domain/bucket.ts';
import { newBucket } from '../../lambdas/domain/evolve.ts';
import type { Head } from '../../lambdas/domain/head-item.ts';
import type { Did } from '../../lambdas/domain/recovery/difference.ts';
import { liveBucket } from '../../lambdas/domain/recovery/live-bucket.ts';
import { BucketReview, nameOfBucket } from '../../lambdas/domain/recovery/review-bucket.ts';
import { runFiles } from '../../lambdas/domain/recovery/run.ts';
import { DifferencesFile, readDifferences } from '../../lambdas/fold/differences-file.ts';
import type { Fold, FoldPorts } from '../../lambdas/fold/fold-ports.ts';
import { writeBucket } from '../../lambdas/fold/write-bucket.ts';
import { MemoryRunFiles } from '../support/memory-run-files.ts';

type Rebuilt = Extract<Did, { kind: 'rebuilt' }>;

const bucket: BucketKey = { tenant: 't', subject: 's', type: 'test.reading', window: '2026-11-21T08' };
const rebuilt = (oldEpoch: number | undefined, newEpoch: number, subject = 's'): Rebuilt => ({
  kind: 'rebuilt',
  bucket: { ...bucket, subject },
  ...(oldEpoch !== undefined && { oldEpoch }),
  newEpoch,
  v: newEpoch * 10,
});

let files: MemoryRunFiles;
beforeEach(() => {
  files = new MemoryRunFiles();
});
/** A worker on the partition that takes up what others have left. */
const worker = async () => {
  const file = new DifferencesFile(files, 'run', 0);
  await file.resume();
  return file;
};
const written = async () =>
  (await readDifferences(files, 'run', runFiles.differences(0))).map((each) => each as Rebuilt);

describe('the way back', () => {
  it('leads to what was there before the first attempt, where that wrote and died, and the next one wrote again', async () => {
    const first = await worker();
    first.intend(rebuilt(1, 2));
    await first.write();
    const second = await worker();
    second.intend(rebuilt(2, 3));
    await second.write();
    expect(await written()).toEqual([{ ...rebuilt(1, 3) }]);
    second.rebuilt(rebuilt(2, 3));
    await second.write();
    expect(await written()).toEqual([rebuilt(1, 3)]);
  });

  it('leads to nothing where there was nothing', async () => {
    const first = await worker();
    first.intend(rebuilt(undefined, 1));
    await first.write();
    const second = await worker();
    second.intend(rebuilt(1, 2));
    await second.write();
    expect(await written()).toEqual([rebuilt(undefined, 2)]);
  });

  it('is forgotten where it was not written, and only there', async () => {
    const first = await worker();
    first.intend(rebuilt(1, 2));
    first.intend(rebuilt(1, 2, 'other'));
    await first.write();
    const second = await worker();
    second.settle(nameOfBucket(bucket), 2);
    second.settle(nameOfBucket({ ...bucket, subject: 'other' }), 1);
    await second.write();
    expect(await written()).toEqual([rebuilt(1, 2)]);
  });

  it('is not lost when two work on one partition, and the one that wrote nothing ends last', async () => {
    const [idle, busy] = [await worker(), await worker()];
    busy.intend(rebuilt(1, 2));
    await busy.write();
    busy.rebuilt(rebuilt(1, 2));
    await busy.write();
    idle.add([{ kind: 'two-contents', bucket: { ...bucket, subject: 'x' }, of: [] }]);
    await idle.write();
    expect(await written()).toContainEqual(rebuilt(1, 2));
    expect(idle.counts().bucketsRewritten).toBe(1);
  });
});

describe('who loses a race for a bucket', () => {
  const headOf = (revision: number): Head => ({
    ...{ key: bucket, v: 11, upTo: '', touched: 't#2026-11#0' },
    bucket: { ...newBucket(revision, 2), n: 1, first: 'a', last: 'a' },
  });
  const race = (winner: Head) => {
    const found = { item: {}, v: 11, head: winner };
    const ports = {
      buckets: {
        keep: async () => {},
        replace: async () => ({ written: false, current: winner }),
        find: async () => [found],
      },
      clock: { now: () => 0 },
      random: { fraction: () => 0, hex: () => '' },
      sleep: async () => {},
    } as unknown as FoldPorts;
    const before = { item: {}, v: 10, head: { ...headOf(1), v: 10, bucket: newBucket(1, 1) } };
    const review = new BucketReview(liveBucket(bucket, before, []), {
      own: undefined,
      compares: false,
    }).finish();
    const rewrite = { head: headOf(2), pages: [], keep: { epoch: 1, item: {} } };
    return writeBucket({ review, rewrite }, { deadline: 1 } as Fold, ports);
  };

  it('does not take another run’s bucket of the same version and epoch for its own', async () => {
    expect(await race(headOf(1))).toBeUndefined();
  });

  it('knows its own, whose answer was lost', async () => {
    expect(await race(headOf(2))).toMatchObject({ kind: 'rebuilt', oldEpoch: 1, newEpoch: 2 });
  });
});
