import { describe, expect, it } from 'vitest';
import { newBucket } from '../../lambdas/domain/evolve.ts';
import type { Head } from '../../lambdas/domain/head-item.ts';
import { rewriteBucket } from '../../lambdas/domain/recovery/rewrite-bucket.ts';

const key = { tenant: 't', subject: 's', type: 'test.sum', window: '2026-11-21T08' };
const nowMs = Date.parse('2026-11-21T09:00:00Z');
const how = { nowMs, upTo: undefined, random: () => '0'.repeat(24) };
const folded = { bucket: { ...newBucket(1, 1), n: 1 }, chunks: [] };

describe('P2: a bucket that is written anew', () => {
  it('is later than any head that was lost, so that nobody who remembers one writes over it', () => {
    const { head, keep } = rewriteBucket(key, folded, undefined, how);
    expect([head.v, head.bucket.epoch, keep]).toEqual([nowMs, 1, undefined]);
    expect(rewriteBucket(key, folded, { item: { epoch: { N: '4' } } } as never, how).head).toMatchObject({
      v: nowMs,
      bucket: { epoch: 5 },
    });
  });

  it('comes one version and one epoch after the head that was looked at', () => {
    const seen: Head = { key, v: 7, upTo: '', touched: 't#2026-11#0', bucket: newBucket(1, 3) };
    const { head, keep } = rewriteBucket(key, folded, { item: {}, v: 7, head: seen }, how);
    expect([head.v, head.bucket.epoch, keep?.epoch]).toEqual([8, 4, 3]);
  });
});
