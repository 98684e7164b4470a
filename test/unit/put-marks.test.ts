import { describe, expect, it } from 'vitest';
import type { Shard } from '../../lambdas/domain/manifest.ts';
import { MarkMissedError, putMarks } from '../../lambdas/platform/put-marks.ts';
import { MemoryShards } from '../support/memory-consumers.ts';
import { MemoryLog } from '../support/memory-log.ts';

const shard = (number: number, open: boolean): Shard => ({
  ...{ shardId: `shard-${number}`, parents: [], open },
  startingHashKey: String(number * 1000),
});

function setUp() {
  const log = new MemoryLog();
  const shards = new MemoryShards([shard(0, false), shard(1, true), shard(2, true)]);
  const ports = {
    ...{ log, shards, clock: { now: () => Date.UTC(2026, 10, 21, 9) }, sleep: async () => {} },
    random: { fraction: () => 0, hex: () => '' },
  };
  return { log, ports };
}

const LATER = Date.UTC(2026, 10, 21, 10);

describe('marks', () => {
  it('go to every open shard by its own hash key, and to no other', async () => {
    const { log, ports } = setUp();
    const mark = '2026-11-21T09:00:00.000Z';
    expect(await putMarks(ports, LATER)).toEqual({ mark, shards: ['shard-1', 'shard-2'] });
    expect(log.records.map(({ explicitHashKey }) => explicitHashKey)).toEqual(['1000', '2000']);
    expect(log.envelopes()).toMatchObject([
      { v: 1, mark, at: mark },
      { v: 1, mark, at: mark },
    ]);
  });

  it('are later than one that a clock ahead has put, for whoever waits for his own', async () => {
    const { ports } = setUp();
    const put = async (after: string) => (await putMarks(ports, LATER, after)).mark;
    expect(await put('2026-11-21T09:00:05.000Z')).toBe('2026-11-21T09:00:05.001Z');
    expect(await put('2026-11-21T09:00:00.000Z')).toBe('2026-11-21T09:00:00.001Z');
    expect(await put('2026-11-21T08:59:00.000Z')).toBe('2026-11-21T09:00:00.000Z');
  });

  it('are put although the shards could not be listed at first', async () => {
    const { ports } = setUp();
    let failures = 2;
    const list = () =>
      failures-- > 0
        ? Promise.reject(Object.assign(new Error('slow'), { name: 'TimeoutError' }))
        : ports.shards.list();
    const { shards } = await putMarks({ ...ports, shards: { list } }, LATER);
    expect(shards).toEqual(['shard-1', 'shard-2']);
  });

  it('that a shard did not get are named', async () => {
    const { log, ports } = setUp();
    log.refuse = (_, index) => index === 1;
    await expect(putMarks(ports, LATER)).rejects.toThrow(MarkMissedError);
    await expect(putMarks(ports, LATER)).rejects.toThrow('shard-2');
  });
});
