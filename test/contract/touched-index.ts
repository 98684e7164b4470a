import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { BucketKey } from '../../lambdas/domain/bucket.ts';
import type { Item } from '../../lambdas/domain/head-item.ts';
import { headKey, subjectKey, touchedKey } from '../../lambdas/domain/keys.ts';
import type { TouchedIndex } from '../../lambdas/domain/recovery/ports.ts';

/** An arrival index, and a way into its table. */
export interface TestedTouchedIndex {
  readonly index: TouchedIndex;
  put(item: Item): Promise<void>;
}

/** What every arrival index must do. Tenants are fresh in each test. */
export function describeTouchedIndexContract(name: string, make: () => TestedTouchedIndex): void {
  const item = ({ tenant, subject, type, window }: BucketKey, touched: string): Item => ({
    pk: { S: subjectKey(tenant, subject) },
    sk: { S: headKey(type, window) },
    touched: { S: touched },
  });
  const keysOf = async (index: TouchedIndex, touched: string) => {
    const keys: BucketKey[] = [];
    for await (const page of index.buckets(touched)) keys.push(...page);
    return keys.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  };

  describe(`arrival index: ${name}`, () => {
    it('names the buckets of one of its partitions', async () => {
      const { index, put } = make();
      const tenant = `${randomUUID()}#%`;
      const touched = touchedKey(tenant, '2026-11', 7);
      const keys = ['a', 'b#|', 'c', 'd'].map((subject) => ({
        ...{ tenant, subject },
        ...{ type: 'test.every|%', window: '2026-11-21T07' },
      }));
      for (const key of keys) await put(item(key, touched));
      await put(item({ ...keys[0]!, window: '2026-11-21T08' }, touchedKey(tenant, '2026-11', 8)));
      await put(item({ ...keys[0]!, window: '2026-11-21T09' }, touchedKey(tenant, '2026-12', 7)));
      expect(await keysOf(index, touched)).toEqual(keys);
      expect(await keysOf(index, touchedKey(tenant, '2026-10', 7))).toEqual([]);
    });

    it('leaves out what is kept of replaced heads, and what is no head', async () => {
      const { index, put } = make();
      const tenant = randomUUID();
      const touched = touchedKey(tenant, '2026-11', 0);
      const key = { tenant, subject: 's', type: 'test.every', window: '2026-11-21T07' };
      const head = item(key, touched);
      await put(head);
      for (const sk of ['H#test.every#2026-11-21T07#1', 'B#', 'B', 'B##2026', 'B#test.every#2026#x'])
        await put({ ...head, sk: { S: sk } });
      await put({ ...head, pk: { S: `${tenant}#s#more` } });
      expect(await keysOf(index, touched)).toEqual([key]);
    });
  });
}
