import type { BatchGetItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { DynamoState } from '../../lambdas/adapters/dynamo-state.ts';
import { newBucket } from '../../lambdas/domain/evolve.ts';
import { encodeHead, type Head, type Item } from '../../lambdas/domain/head-item.ts';
import { isTransient } from '../../lambdas/platform/patience.ts';
import { testContracts } from '../support/contracts.ts';

// What LocalStack never does. All else of this adapter: test/contract/state-store.ts.

const { meters } = testContracts.get('test.sum')!.revisions[0]!;
const heads = Array.from(
  { length: 5 },
  (_, index): Head => ({
    key: { tenant: 't', subject: `s${index}`, type: 'test.sum', window: '2026-11-21T07' },
    ...{ v: 1, upTo: 'shard:1', touched: 't#2026-11#0' },
    bucket: { ...newBucket(1, 1), n: index, first: '2026-11-21T07:00:00Z', last: '2026-11-21T07:00:00Z' },
  }),
);
const keys = heads.map(({ key }) => key);
const itemOf = (head: Head): Item => encodeHead(head, meters);

/** A DynamoDB that answers `each` keys of a call and leaves the rest. */
function answering(each: number) {
  const calls: number[] = [];
  const send = async ({ input }: BatchGetItemCommand) => {
    const wanted = input.RequestItems!.table!.Keys!;
    calls.push(wanted.length);
    const found = wanted
      .slice(0, each)
      .map((key) => heads.map(itemOf).find((item) => (item.pk as { S: string }).S === key.pk!.S));
    const rest = wanted.slice(each);
    return { Responses: { table: found }, UnprocessedKeys: rest.length > 0 ? { table: { Keys: rest } } : {} };
  };
  return { calls, state: new DynamoState({ send } as never, 'table', testContracts) };
}

describe('P2 heads that DynamoDB left unprocessed', () => {
  it('are asked for again, not taken for missing', async () => {
    const { calls, state } = answering(2);
    expect(await state.heads(keys)).toEqual(heads);
    expect(calls).toEqual([5, 3, 1]);
  });

  it('all of them are throttling, for which the caller waits', async () => {
    const { calls, state } = answering(0);
    const error = await state.heads(keys).catch((thrown: unknown) => thrown);
    expect(isTransient(error)).toBe(true);
    expect(calls).toEqual([5]);
  });
});
