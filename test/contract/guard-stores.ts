import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ControlAudit, ControlChange, ControlHistory } from '../../lambdas/domain/control/changes.ts';
import { type Control, NO_CONTROL } from '../../lambdas/domain/control/control.ts';
import type { AlarmStates, Sightings, Tiers } from '../../lambdas/domain/control/guard-ports.ts';
import type { ControlStore } from '../../lambdas/domain/control/ports.ts';

/** What stands beside each other under one key, empty at first. */
export interface Beside {
  readonly control: ControlStore;
  readonly history: ControlHistory;
  readonly sightings: Sightings;
  /** Puts this in the place of the control item, or nothing, as somebody does by hand. */
  readonly mend: (control: Control | undefined) => Promise<void>;
}

const version = (v: number, reason = `r${v}`): Control => ({ ...NO_CONTROL, v, reason });

/** What every history of the control item must do. */
export function describeControlHistoryContract(name: string, make: () => Promise<Beside>): void {
  describe(`history of the control item: ${name}`, () => {
    it('is empty before anything was set', async () => {
      const { history } = await make();
      expect(await history.latest(10)).toEqual([]);
      expect(await history.newest()).toBe(0);
    });

    it('has every version, the latest first, and as many as are asked for', async () => {
      const { control, history } = await make();
      // Twelve, as text does not sort as numbers do.
      const all = Array.from({ length: 12 }, (_, at) => version(at + 1));
      for (const one of all) expect(await control.write(one, one.v - 1)).toBe(true);
      expect(await history.latest(50)).toEqual(all.toReversed());
      expect(await history.latest(2)).toEqual(all.slice(-2).toReversed());
      expect(await history.newest()).toBe(12);
    });

    it('F14: is never written over, whatever is put in the place of the control item by hand', async () => {
      const { control, history, mend } = await make();
      for (const v of [1, 2, 3]) await control.write(version(v), v - 1);
      for (const mended of [version(1), { ...NO_CONTROL, v: 0 }, undefined]) {
        await mend(mended);
        const { v } = await control.read();
        expect(v).toBe(mended?.v ?? 0);
        const before = await history.latest(50);
        expect(await control.write(version(v + 1, 'over what was'), v)).toBe(false);
        expect(await history.latest(50)).toEqual(before);
        const next = version((await history.newest()) + 1);
        expect(await control.write(next, v)).toBe(true);
        expect(await control.read()).toEqual(next);
        expect(await history.latest(50)).toEqual([next, ...before]);
      }
    });
  });
}

/** What every store of guard's sightings must do. */
export function describeSightingsContract(name: string, make: () => Promise<Beside>): void {
  describe(`guard's sightings: ${name}`, () => {
    it('are none at first, then what was written last, and nothing of before', async () => {
      const { sightings } = await make();
      expect(await sightings.read()).toBeUndefined();
      const [at, asOf, movedAt] = ['12:02', '12:00', '12:01'].map((time) => `2026-11-21T${time}:00.000Z`);
      const lags = [{ at: at!, seconds: 0.25 }];
      await sightings.write({ asOf: asOf!, movedAt: movedAt!, lags });
      expect(await sightings.read()).toEqual({ asOf, movedAt, lags });
      await sightings.write({ asOf: at! });
      expect(await sightings.read()).toEqual({ asOf: at });
    });

    it('are neither a version of the control item, nor in its history', async () => {
      const { sightings, control, history } = await make();
      await control.write(version(1), 0);
      await sightings.write({ asOf: '2026-11-21T12:00:00.000Z' });
      expect(await control.read()).toEqual(version(1));
      expect(await history.latest(10)).toEqual([version(1)]);
      expect(await history.newest()).toBe(1);
    });
  });
}

/** What every list of tiers must do. `add` makes a producer, as the command line does. */
export function describeTiersContract(
  name: string,
  make: () => Promise<{
    readonly tiers: Tiers;
    readonly add: (tenant: string, producer: string, tier: string) => Promise<void>;
  }>,
): void {
  describe(`tiers: ${name}`, () => {
    it('are those of the producers, and none of whom nobody knows', async () => {
      const { tiers, add } = await make();
      const tenant = `tenant-${randomUUID()}`;
      await add(tenant, 'agent', 'standard');
      await add(tenant, 'batch', 'bulk');
      expect(await tiers.of(tenant, 'agent')).toBe('standard');
      expect(await tiers.of(tenant, 'batch')).toBe('bulk');
      expect(await tiers.of(tenant, 'other')).toBeUndefined();
      expect(await tiers.of(`${tenant}-2`, 'agent')).toBeUndefined();
    });

    it('P6: are not mixed up where names hold what separates keys', async () => {
      const { tiers, add } = await make();
      const tenant = `te|%${randomUUID()}`;
      await add(tenant, 'a#PRODUCER#b', 'bulk');
      await add(`${tenant}#a`, 'b', 'standard');
      expect(await tiers.of(tenant, 'a#PRODUCER#b')).toBe('bulk');
      expect(await tiers.of(`${tenant}#a`, 'b')).toBe('standard');
      expect(await tiers.of(tenant, 'a%23PRODUCER%23b')).toBeUndefined();
    });
  });
}

/** What everything that tells of alarms must do. `set` makes an alarm that is in that state. */
export function describeAlarmStatesContract(
  name: string,
  make: () => {
    readonly alarms: AlarmStates;
    readonly set: (name: string, state: 'ALARM' | 'OK') => Promise<void>;
  },
): void {
  describe(`states of alarms: ${name}`, () => {
    it('F5: are told of those that are asked for and in ALARM, and of no others', async () => {
      const { alarms, set } = make();
      const [loud, quiet, other, none] = ['loud', 'quiet', 'other', 'none'].map(
        (one) => `${one}-${randomUUID()}`,
      ) as [string, string, string, string];
      await set(loud, 'ALARM');
      await set(quiet, 'OK');
      await set(other, 'ALARM');
      expect(await alarms.inAlarm([quiet, loud, none])).toEqual([loud]);
      expect(await alarms.inAlarm([quiet, none])).toEqual([]);
      expect(await alarms.inAlarm([])).toEqual([]);
      await set(loud, 'OK');
      expect(await alarms.inAlarm([loud])).toEqual([]);
    });

    it('are found among more names than may be asked for at once', async () => {
      const { alarms, set } = make();
      const last = `last-${randomUUID()}`;
      await set(last, 'ALARM');
      const names = Array.from({ length: 100 }, (_, at) => `no-such-alarm-${at}`);
      expect(await alarms.inAlarm([...names, last])).toEqual([last]);
    });
  });
}

/** What every audit of the control plane must do. `entries` has all that was ever appended to it. */
export function describeControlAuditContract(
  name: string,
  make: () => Promise<{
    readonly audit: ControlAudit;
    readonly entries: () => Promise<readonly ControlChange[]>;
  }>,
): void {
  describe(`audit of the control plane: ${name}`, () => {
    const at = '2026-11-21T12:00:00.000Z';
    const change = (operator: string, more: Partial<ControlChange> = {}): ControlChange => ({
      ...{ v: 3, at, operator, reason: 'a "reason", ü' },
      ...{ before: version(2), after: version(3) },
      ...more,
    });

    it('F14: has every change as it was appended, also two of one version and moment', async () => {
      const { audit, entries } = await make();
      const operator = `ada-${randomUUID()}`;
      const command = { command: 'set', operator, reason: 'r', mode: 'manual', level: 'bulk' } as const;
      const all = [
        change(operator),
        change(operator, { asked: command }),
        change(operator, { v: 4, after: version(9) }),
      ];
      for (const one of all) await audit.append(one);
      const found = (await entries()).filter((one) => one.operator === operator);
      expect(found).toHaveLength(all.length);
      expect(found).toEqual(expect.arrayContaining(all));
    });
  });
}
