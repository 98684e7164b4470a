import { describe, expect, it } from 'vitest';
import { Remembered } from '../../lambdas/platform/remembered.ts';

const lifetimes = { foundMs: 60_000, missingMs: 5_000 };
const clock = { now: () => 0 };

describe('a look-up under way', () => {
  it('is shared by all who need it', async () => {
    let asked = 0;
    const remembered = new Remembered(async (key: string) => `${key} ${++asked}`, clock, lifetimes);
    const found = await Promise.all(['a', 'b', 'a', 'a'].map((key) => remembered.find(key)));
    expect(found.map((text) => text?.[0])).toEqual(['a', 'b', 'a', 'a']);
    expect(asked).toBe(2);
  });

  it('that fails fails for all who wait, and is made again for the next', async () => {
    let asked = 0;
    const remembered = new Remembered<string>(
      async () => {
        if (++asked === 1) throw new Error('not now');
        return 'here';
      },
      clock,
      lifetimes,
    );
    const first = await Promise.allSettled([remembered.find('a'), remembered.find('a')]);
    expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await remembered.find('a')).toBe('here');
  });
});
