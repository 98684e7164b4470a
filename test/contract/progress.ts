import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ProjectorPasses } from '../../lambdas/domain/recovery/ports.ts';
import type { Progress } from '../../lambdas/domain/state-store.ts';

/** Where progress is noted, and read. */
type Noted = Progress & ProjectorPasses;

const at = (minute: number) => `2026-11-21T09:0${minute}:00.000Z`;

/** What every note of progress must do. Shards are named afresh in each test. */
export function describeProgressContract(name: string, make: () => Noted): void {
  describe(`progress: ${name}`, () => {
    it('is of each shard by itself', async () => {
      const progress = make();
      const read = async (shardId: string) => (await make().read()).get(shardId);
      const [one, other] = [randomUUID(), randomUUID()];
      expect(await read(one)).toBeUndefined();
      await progress.passed(one, at(1), '10');
      await progress.passed(other, at(2), '20');
      expect(await read(one)).toEqual({ mark: at(1), sequence: '10' });
      expect(await read(other)).toEqual({ mark: at(2), sequence: '20' });
    });

    it('only ever goes forward: a zombie that ends late changes nothing', async () => {
      const progress = make();
      const read = async (shardId: string) => (await make().read()).get(shardId);
      const shardId = randomUUID();
      await progress.passed(shardId, at(3), '30');
      await make().passed(shardId, at(2), '20');
      expect(await read(shardId)).toEqual({ mark: at(3), sequence: '30' });
      await progress.passed(shardId, at(3), '30');
      expect(await read(shardId)).toEqual({ mark: at(3), sequence: '30' });
      await progress.passed(shardId, at(4), '40');
      expect(await read(shardId)).toEqual({ mark: at(4), sequence: '40' });
    });
  });
}
