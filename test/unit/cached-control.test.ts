import { describe, expect, it } from 'vitest';
import { type Control, NO_CONTROL } from '../../lambdas/domain/control/control.ts';
import { CachedControl } from '../../lambdas/platform/cached-control.ts';
import { MemoryControl } from '../support/memory-control.ts';

function start() {
  const clock = { ms: 0, now: () => clock.ms };
  const store = new MemoryControl();
  const failures: unknown[] = [];
  let wake = () => {};
  const sleep = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  const cached = new CachedControl({ store, clock, sleep, report: (error) => failures.push(error) });
  return { clock, store, failures, cached, wake: () => wake() };
}

describe('the control item, as it is remembered', () => {
  it('is read every five seconds, and once for all who ask meanwhile', async () => {
    const { clock, store, cached } = start();
    store.set({ level: 'bulk' });
    for (const [after, asked] of [
      [0, 1],
      [4_999, 1],
      [1, 2],
      [4_999, 2],
      [60_000, 3],
    ] as const) {
      clock.ms += after;
      const all = await Promise.all([cached.current(), cached.current(), cached.current()]);
      expect(all.map(({ level }) => level)).toEqual(['bulk', 'bulk', 'bulk']);
      expect(store.asked).toBe(asked);
    }
  });

  it('is read again after the clock was set back', async () => {
    const { clock, store, cached } = start();
    clock.ms = 3_600_000;
    store.set({ level: 'standard' });
    await cached.current();
    store.set({ level: 'none' });
    clock.ms = 0;
    expect((await cached.current()).level).toBe('none');
  });

  it('is the same object until it is read again: what is made of it need not be made for each request', async () => {
    const { clock, store, cached } = start();
    store.set({ level: 'bulk' });
    const first = await cached.current();
    expect(await cached.current()).toBe(first);
    store.set({ level: 'none' });
    clock.ms += 5_000;
    expect((await cached.current()).level).toBe('none');
  });

  it('stays as it was last known while it can not be read, and is not asked for with each request then', async () => {
    const { clock, store, failures, cached } = start();
    store.set({ level: 'standard' });
    await cached.current();
    store.down = true;
    clock.ms += 5_000;
    for (let i = 0; i < 3; i++) expect((await cached.current()).level).toBe('standard');
    expect([store.asked, failures.length]).toEqual([2, 1]);
    clock.ms += 600_000;
    expect((await cached.current()).level).toBe('standard');
  });

  it('is nothing where it was never read', async () => {
    const { store, cached } = start();
    store.down = true;
    expect(await cached.current()).toEqual(NO_CONTROL);
  });

  it('is not waited for when it hangs', async () => {
    const { clock, store, failures, cached, wake } = start();
    store.set({ level: 'bulk' });
    await cached.current();
    const { read } = store;
    store.read = () => new Promise<Control>(() => {});
    clock.ms += 5_000;
    const asking = cached.current();
    wake();
    expect((await asking).level).toBe('bulk');
    expect(failures).toHaveLength(1);
    store.read = read;
    store.set({ level: 'none' });
    clock.ms += 5_000;
    expect((await cached.current()).level).toBe('none');
  });
});
