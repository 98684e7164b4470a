import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Control, NO_CONTROL } from '../../lambdas/domain/control/control.ts';
import type { Activity, ControlStore } from '../../lambdas/domain/control/ports.ts';

const at = '2026-11-21T10:00:00.000Z';

/** A control document with everything in it. */
const full: Control = {
  v: 1,
  mode: 'manual',
  level: 'half-standard',
  held: [
    {
      tenant: 'te#nant|%',
      producer: 'agent é',
      how: { kind: 'over-budget', share: 0.25 },
      since: at,
      reason: 'r',
      by: 'guard',
    },
    { tenant: 't', producer: 'p', how: { kind: 'suspended' }, since: at, reason: 'a "reason"', by: 'ann' },
  ],
  maintenance: [{ from: at, to: '2026-11-21T11:00:00.000Z', reason: 'm', by: 'ann' }],
  steppedAt: at,
  calmSince: at,
  by: 'ann',
  at,
  reason: 'ü',
};

/** What every store of the control item must do. `make` gives an empty one; what it gives reads and writes the same item each time. */
export function describeControlStoreContract(name: string, make: () => Promise<() => ControlStore>): void {
  describe(`control store: ${name}`, () => {
    it('has nothing in force before anything was written', async () => {
      const store = (await make())();
      expect(await store.read()).toEqual(NO_CONTROL);
    });

    it('gives back all that was written, and what that lacks it lacks', async () => {
      const open = await make();
      const { steppedAt, calmSince, ...bare } = full;
      expect(await open().write(bare, 0)).toBe(true);
      expect(await open().read()).toEqual(bare);
      expect(await open().write({ ...full, v: 2 }, 1)).toBe(true);
      expect(await open().read()).toEqual({ ...full, v: 2 });
    });

    it('takes only what follows the version that stands', async () => {
      const open = await make();
      expect(await open().write({ ...full, v: 2 }, 1)).toBe(false);
      expect(await open().read()).toEqual(NO_CONTROL);
      expect(await open().write({ ...full, v: 1, reason: 'first' }, 0)).toBe(true);
      for (const over of [0, 2])
        expect(await open().write({ ...full, v: over + 1, reason: 'other' }, over)).toBe(false);
      expect(await open().read()).toMatchObject({ v: 1, reason: 'first' });
    });

    it('leaves out versions where it is told to', async () => {
      const open = await make();
      await open().write(full, 0);
      expect(await open().write({ ...full, v: 7 }, 1)).toBe(true);
      expect(await open().read()).toEqual({ ...full, v: 7 });
    });

    it('of several that follow one version takes one', async () => {
      const open = await make();
      await open().write(full, 0);
      const reasons = ['a', 'b', 'c', 'd'];
      const took = await Promise.all(reasons.map((reason) => open().write({ ...full, v: 2, reason }, 1)));
      const winners = reasons.filter((_, index) => took[index]);
      // All may be told that another is being written at this moment; two can't both be the next.
      expect(winners.length).toBeLessThanOrEqual(1);
      expect(await open().read()).toMatchObject(winners[0] ? { v: 2, reason: winners[0] } : { v: 1 });
    });
  });
}

/** What every store of activity must do. Tenants are fresh in each test, so that minutes may be shared. */
export function describeActivityContract(name: string, make: () => Activity): void {
  const own = async (activity: Activity, minute: string, tenant: string) =>
    (await activity.of(minute)).filter((one) => one.tenant === tenant);
  const minute = '2026-11-21T10:00';

  describe(`activity: ${name}`, () => {
    it('sums what instances tell of a producer in a minute', async () => {
      const activity = make();
      const producer = { tenant: `te#nant|% ${randomUUID()}`, producer: 'agent é' };
      await activity.add(minute, { ...producer, offered: 10, accepted: 7, shed: 2 });
      await make().add(minute, { ...producer, offered: 5, accepted: 0, shed: 5 });
      expect(await own(make(), minute, producer.tenant)).toEqual([
        { ...producer, offered: 15, accepted: 7, shed: 7 },
      ]);
    });

    it('P6: keeps producers, tenants and minutes apart', async () => {
      const activity = make();
      const counts = { offered: 1, accepted: 1, shed: 0 };
      const [one, other] = [`one ${randomUUID()}`, `other ${randomUUID()}`];
      await activity.add(minute, { tenant: one, producer: 'a', ...counts });
      await activity.add(minute, { tenant: one, producer: 'b', ...counts });
      await activity.add(minute, { tenant: other, producer: 'a', ...counts });
      await activity.add('2026-11-21T10:01', { tenant: one, producer: 'a', ...counts, offered: 9 });
      const found = await own(activity, minute, one);
      expect(found.map(({ producer, offered }) => [producer, offered]).sort()).toEqual([
        ['a', 1],
        ['b', 1],
      ]);
      expect(await own(activity, minute, other)).toEqual([{ tenant: other, producer: 'a', ...counts }]);
      expect(await own(activity, '2026-11-21T10:01', one)).toMatchObject([{ offered: 9 }]);
      expect(await own(activity, '2026-11-21T10:02', one)).toEqual([]);
    });
  });
}
