import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { RunFiles } from '../../lambdas/domain/recovery/ports.ts';

/** What every place of runs' files must do. Runs are named afresh in each test. */
export function describeRunFilesContract(name: string, make: () => RunFiles): void {
  describe(`run files: ${name}`, () => {
    it('keeps bytes as they are, the last that were put', async () => {
      const files = make();
      const run = randomUUID();
      const bytes = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index % 256));
      expect(await files.get(run, 'plan.json')).toBeUndefined();
      await files.put(run, 'plan.json', Buffer.from('first'));
      await files.put(run, 'plan.json', bytes);
      expect((await make().get(run, 'plan.json'))?.equals(bytes)).toBe(true);
      await files.put(run, 'empty', Buffer.alloc(0));
      expect(await files.get(run, 'empty')).toHaveLength(0);
    });

    it('puts what is new once, and lets one of several rivals do it', async () => {
      const run = randomUUID();
      const rivals = ['a', 'b', 'c'];
      const written = await Promise.all(
        rivals.map((text) => make().putNew(run, 'plan.json', Buffer.from(text))),
      );
      const winner = rivals[written.indexOf(true)];
      expect(written.filter(Boolean)).toHaveLength(1);
      expect(await make().putNew(run, 'plan.json', Buffer.from('late'))).toBe(false);
      expect((await make().get(run, 'plan.json'))?.toString()).toBe(winner);
    });

    it('reads a part, from the start or from the end', async () => {
      const files = make();
      const run = randomUUID();
      await files.put(run, 'shuffle/1', Buffer.from('0123456789'));
      const part = async (start: number, length: number) =>
        (await files.getPart(run, 'shuffle/1', start, length))?.toString();
      expect(await part(2, 3)).toBe('234');
      expect(await part(0, 100)).toBe('0123456789');
      expect(await part(-4, 2)).toBe('67');
      expect(await part(-4, 100)).toBe('6789');
      expect(await part(-100, 3)).toBe('012');
      expect(await part(10, 5)).toBe('');
      expect(await part(3, 0)).toBe('');
      expect(await files.getPart(run, 'shuffle/2', 0, 1)).toBeUndefined();
    });

    it('lists names in order, those of this run and beginning only', async () => {
      const files = make();
      const [run, other] = [randomUUID(), randomUUID()];
      for (const file of ['batches/00000010.json', 'batches/00000009.json', 'batch', 'plan.json'])
        await files.put(run, file, Buffer.from('{}'));
      await files.put(other, 'batches/00000001.json', Buffer.from('{}'));
      await files.put(`${run}-more`, 'batches/00000002.json', Buffer.from('{}'));
      expect(await files.list(run, 'batches/')).toEqual(['batches/00000009.json', 'batches/00000010.json']);
      expect(await files.list(run, '')).toHaveLength(4);
      expect(await files.list(run, 'scanned/')).toEqual([]);
    });

    it('lists more than fit one answer', async () => {
      const files = make();
      const run = randomUUID();
      const names = Array.from(
        { length: 1_010 },
        (_, number) => `missing/${String(number).padStart(8, '0')}`,
      );
      for (let at = 0; at < names.length; at += 20)
        await Promise.all(names.slice(at, at + 20).map((file) => files.put(run, file, Buffer.from('{}'))));
      expect(await files.list(run, 'missing/')).toEqual(names);
    });
  });
}
