import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import type { NumberedRevision } from '../../lambdas/domain/recovery/fold-bucket.ts';
import { liveBucket } from '../../lambdas/domain/recovery/live-bucket.ts';
import { Refusals } from '../../lambdas/domain/recovery/refusals.ts';
import { BucketReview, nameOfBucket } from '../../lambdas/domain/recovery/review-bucket.ts';
import type { Plan } from '../../lambdas/domain/recovery/run.ts';
import type { EventLine } from '../../lambdas/domain/recovery/shuffle.ts';
import { feed } from '../../lambdas/fold/read-partition.ts';
import { testContracts } from '../support/contracts.ts';

const key = { tenant: 'acme', subject: 'alice', type: 'test.every', window: '2026-11-21T07' };
const own: NumberedRevision = { number: 1, revision: testContracts.get('test.every')!.revisions[0]! };
const line = (index: number, data: object): EventLine => ({
  ...{ kind: 'event', key, source: '/s', id: `e${index}`, instant: '2026-11-21T07:00:00Z', data },
  ...{ object: 'o', shardId: 'shardId-000000000000', sequence: String(index), index: 0, origin: `o${index}` },
});
const reviewed = () =>
  new BucketReview(liveBucket(key, undefined, []), { own, compares: true, folds: { by: own, what: 'all' } });

it('holds nothing of what is in an event, while that waits to be counted', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const review = reviewed();
  const held = Array.from({ length: 20 }, (_, index) => {
    const data = { value: index, user: 'u', region: 'r', payload: ['large'] };
    review.take(line(index, data), { refused: false, projected: true });
    return new WeakRef(data.payload);
  });
  // What a turn has dereferenced lives until it ends.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  expect(held.filter((each) => each.deref() !== undefined)).toEqual([]);
  expect(review.finish().missing).toHaveLength(20);
});

it('counts what waits before it is too much, also where values are as long as events may be', async () => {
  const review = reviewed();
  let waiting = 0;
  let most = 0;
  const taker = {
    take: (...args: Parameters<BucketReview['take']>) => {
      const bytes = review.take(...args);
      waiting += JSON.stringify(args[0].data).length;
      most = Math.max(most, waiting);
      return bytes;
    },
    flush: () => {
      waiting = 0;
      review.flush();
    },
  };
  async function* lines() {
    for (let index = 0; index < 200; index++) yield line(index, { user: `${index}`.padEnd(400_000, 'x') });
  }
  const plan = { projectedTo: {}, archivedTo: {}, request: { verb: 'reconcile' } } as unknown as Plan;
  const contents = { keys: new Map(), refused: new Refusals(), events: 0 };
  await feed({ lines }, new Map([[nameOfBucket(key), taker]]), contents, plan);
  expect(most).toBeLessThan(25 * 1024 * 1024);
  expect(review.finish().all!.bucket.n).toBe(200);
});
