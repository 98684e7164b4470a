import { describe, expect, it } from 'vitest';
import type { Held } from '../../lambdas/domain/control/control.ts';
import type { ManifestHead } from '../../lambdas/domain/manifest.ts';
import type { DataPoint, MetricQuery } from '../../lambdas/domain/metric-reader.ts';
import type { ProducerKeys } from '../../lambdas/domain/watch/expiring-keys.ts';
import { minuteName, minuteOf } from '../../lambdas/domain/watch/last-seen.ts';
import { lookAround } from '../../lambdas/watch/look-around.ts';
import { describeWatchStoreContract } from '../contract/watch-store.ts';
import { MemoryActivity, MemoryControl } from '../support/memory-control.ts';
import { MemoryWatch } from '../support/memory-watch.ts';

describeWatchStoreContract('in memory', () => new MemoryWatch());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.parse('2026-11-21T07:30:30.000Z');
const running = { builds: { ingest: '1+a', watch: '1+b' }, contracts: 'c1' };

/** A deployment that watch looks at; `pass` lets time go by and looks each minute. */
function world() {
  const clock = { ms: NOW, now: () => clock.ms };
  const store = new MemoryWatch();
  const activity = new MemoryActivity();
  const control = new MemoryControl();
  const archive = { events: 0 };
  const points = new Map<string, { at: number; value: number }[]>();
  const producers: ProducerKeys[] = [];
  const around = { running, namespace: 'Weir/weir', now: false };
  const metrics = {
    async read(queries: readonly MetricQuery[], from: number, to: number): Promise<DataPoint[][]> {
      return queries.map(({ name, dimensions }) =>
        (points.get(`${dimensions.service}.${name}`) ?? []).filter(({ at }) => at >= from && at < to),
      );
    },
  };
  const manifest = {
    shards: async () => [{ shardId: 's1' }, { shardId: 's2' }],
    head: async (shardId: string) =>
      shardId === 's1' ? ({ events: archive.events } as ManifestHead) : undefined,
  };
  const list = async function* () {
    yield producers;
  };
  const ports = { clock, store, activity, control, metrics, manifest, producers: { list } };
  const look = (more: Partial<typeof around> = {}) => lookAround(ports, { ...around, ...more });
  const send = (producer: string, ms = clock.ms) =>
    activity.add(minuteName(minuteOf(ms)), { tenant: 'acme', producer, offered: 1, accepted: 1, shed: 0 });
  const archived = (events: number, metric = events, accepted = events) => {
    archive.events += events;
    const at = Math.floor(clock.ms / MINUTE) * MINUTE;
    for (const [name, value] of [
      ['archive.archivedEvents', metric],
      ['ingest.accepted', accepted],
    ] as const)
      points.set(name, [...(points.get(name) ?? []), { at, value }]);
  };
  return { clock, store, activity, control, producers, points, archived, ports, look, send };
}

/** Lets a producer be known for long enough, without simulating it. */
async function known(store: MemoryWatch, producer: string, lastMs: number, gap = 1) {
  const { slotOf } = await import('../../lambdas/domain/watch/seen-slots.ts');
  const names = { tenant: 'acme', producer };
  const last = minuteOf(lastMs);
  const seen = {
    ...names,
    first: last - 10 * 1440,
    last,
    gap,
    gapBefore: gap,
    span: Math.floor(last / 11_520),
  };
  const number = slotOf(names);
  const slot = (await store.slots()).get(number);
  await store.writeSlot(number, {
    upTo: Math.max(last, slot?.upTo ?? 0),
    seen: [...(slot?.seen ?? []), seen],
  });
}

describe('watch: producers', () => {
  it('finds one that has stopped, says who, and takes it back when it sends again (F4)', async () => {
    const { store, look, send, clock } = world();
    await known(store, 'steady', NOW - 30 * MINUTE);
    const found = await look();
    expect([found.silent, found.silentNames.map(({ producer }) => producer)]).toEqual([1, ['steady']]);
    expect((await store.looks()).producers).toMatchObject({ silent: 1, names: [{ producer: 'steady' }] });
    await send('steady');
    clock.ms += 5 * MINUTE;
    expect((await look()).silent).toBe(0);
  });

  it('says the same between two looks, and looks each five minutes', async () => {
    const { store, look, clock } = world();
    await known(store, 'steady', NOW - 30 * MINUTE);
    const fresh: (readonly string[])[] = [];
    for (let minute = 0; minute < 6; minute += 1) {
      const report = await look();
      expect(report.silent).toBe(1);
      fresh.push(report.fresh);
      clock.ms += MINUTE;
    }
    expect(fresh.map((each) => each.includes('producers'))).toEqual([true, false, false, false, false, true]);
  });

  it('catches up after it was out, and calls nobody silent for what nobody can know', async () => {
    const { store, look, send, clock } = world();
    await known(store, 'steady', NOW);
    clock.ms += 5 * DAY;
    // It went on, but activity of more than two days ago is gone.
    for (let ago = 47 * 60 - 5; ago >= 0; ago -= 1) await send('steady', clock.ms - ago * MINUTE);
    for (let looks = 0; looks < 30; looks += 1) {
      expect((await look({ now: true })).silent).toBe(0);
      clock.ms += 100;
    }
    const slots = [...(await store.slots()).values()];
    expect(new Set(slots.map(({ upTo }) => minuteName(upTo)))).toEqual(
      new Set([minuteName(minuteOf(clock.ms) - 2)]),
    );
  });

  it('writes a slot only where something has changed', async () => {
    const { store, look, clock } = world();
    await look();
    const { writes } = store;
    await look({ now: true });
    expect(store.writes).toBe(writes);
    clock.ms += MINUTE;
  });

  it('does not miss one whose keys were all revoked, and does one whose key ran out', async () => {
    const { store, look, producers } = world();
    await known(store, 'ended', NOW - 30 * MINUTE);
    await known(store, 'ran-out', NOW - 30 * MINUTE);
    producers.push(
      { tenant: 'acme', producer: 'ended', keys: [{ keyId: 'k1', revoked: true }] },
      { tenant: 'acme', producer: 'ran-out', keys: [{ keyId: 'k2', revoked: false, endsMs: NOW - HOUR }] },
    );
    expect((await look()).silentNames.map(({ producer }) => producer)).toEqual(['ran-out']);
  });

  it('does not miss one that an operator has suspended, and gives it time to come back', async () => {
    const { store, look, control, clock, send } = world();
    await known(store, 'suspended', NOW - 5 * MINUTE);
    await known(store, 'slowed', NOW - 5 * MINUTE);
    const held = (producer: string, how: Held['how']): Held => ({
      ...{ tenant: 'acme', producer, how },
      ...{ since: '2026-11-21T07:00:00.000Z', reason: 'sends nonsense', by: 'ada' },
    });
    const slowed = held('slowed', { kind: 'over-budget', share: 1 });
    control.set({ held: [held('suspended', { kind: 'suspended' }), slowed] });
    const silent = async () => (await look({ now: true })).silentNames.map(({ producer }) => producer);
    for (let looks = 0; looks < 12; looks += 1) {
      expect(await silent()).not.toContain('suspended');
      clock.ms += 30 * MINUTE;
    }
    expect(await silent()).toEqual(['slowed']);

    control.set({ held: [slowed] });
    clock.ms += 5 * MINUTE;
    expect(await silent()).toEqual(['slowed']);
    clock.ms += 10 * MINUTE;
    expect(await silent()).toEqual(['slowed', 'suspended']);
    await send('suspended');
    clock.ms += 5 * MINUTE;
    expect(await silent()).toEqual(['slowed']);
  });

  it('says of one that was silent before it was suspended no more than of others', async () => {
    const { store, look, control } = world();
    await known(store, 'suspended', NOW - 30 * MINUTE);
    expect((await look({ now: true })).silent).toBe(1);
    control.set({
      held: [
        {
          ...{ tenant: 'acme', producer: 'suspended', how: { kind: 'suspended' } },
          ...{ since: '2026-11-21T07:00:00.000Z', reason: 'INC-7', by: 'ada' },
        },
      ],
    });
    expect((await look({ now: true })).silent).toBe(0);
  });
});

describe('watch: telemetry', () => {
  /** Looks each minute over hours, with the same traffic in each. */
  async function pass(hours: number, lost: (minute: number) => boolean) {
    const around = world();
    const gaps: number[] = [];
    for (let minute = 0; minute < hours * 60; minute += 1) {
      around.archived(100, lost(minute) ? 0 : 100);
      const { compared, errors } = await around.look();
      expect(errors).toEqual([]);
      if (compared) gaps.push(compared.gap.archived);
      around.clock.ms += MINUTE;
    }
    return gaps;
  }

  it('finds no gap where metrics have counted all, once an hour', async () => {
    expect(await pass(4, () => false)).toEqual([0, 0, 0, 0]);
  });

  it('finds the events of which no metric speaks (F4)', async () => {
    const [before, during, after] = await pass(4, (minute) => minute >= 60 && minute < 80);
    expect(before).toBe(0);
    // What straddles is taken for counted.
    expect(during).toBeGreaterThan(1_500);
    expect(during).toBeLessThanOrEqual(2_000);
    expect(after).toBe(0);
  });

  it('finds what is archived and was taken by nobody, but not where recovery has sent it', async () => {
    const { points, archived, look, clock } = world();
    let gap: number | undefined;
    const run = async (accepted: number) => {
      for (let minute = 0; minute < 120; minute += 1) {
        archived(100, 100, accepted);
        gap = (await look()).compared?.gap.accepted ?? gap;
        clock.ms += MINUTE;
      }
    };
    await run(100);
    expect(gap).toBe(0);
    await run(0);
    expect(gap).toBeGreaterThan(5_000);
    points.set('resend.eventsResent', [
      { at: clock.ms, value: 1 },
      { at: clock.ms + 40 * MINUTE, value: 1 },
    ]);
    await run(0);
    expect(gap).toBe(0);
  });
});

describe('watch: keys', () => {
  it('counts the last keys that end within 14 days, and none that another comes after', async () => {
    const { producers, look } = world();
    const key = (keyId: string, days?: number) => ({
      ...{ keyId, revoked: false },
      ...(days !== undefined && { endsMs: NOW + days * DAY }),
    });
    producers.push(
      { tenant: 'acme', producer: 'ends', keys: [key('a', 3), key('b', 13.9)] },
      { tenant: 'acme', producer: 'rotated', keys: [key('c', 3), key('d')] },
      { tenant: 'acme', producer: 'later', keys: [key('e', 14.1)] },
      { tenant: 'acme', producer: 'ended', keys: [key('f', -1)] },
      { tenant: 'acme', producer: 'revoked', keys: [{ ...key('g', 3), revoked: true }] },
    );
    const { expiring, expiringNames } = await look();
    expect([expiring, expiringNames.map(({ keyId }) => keyId)]).toEqual([2, ['a', 'b']]);
  });
});

describe('watch: what runs', () => {
  it('says once that something else runs, and what', async () => {
    const { store, look } = world();
    expect((await look()).deploy).toMatchObject({ changed: ['ingest', 'watch'], contractsChanged: false });
    expect((await look()).deploy).toBeUndefined();
    const next = { builds: { ingest: '1+x', watch: '1+b' }, contracts: 'c2' };
    expect((await look({ running: next })).deploy).toMatchObject({
      changed: ['ingest'],
      contractsChanged: true,
    });
    expect((await look({ running: next })).deploy).toBeUndefined();
    expect(store.deploys.map(({ changed }) => changed)).toEqual([['ingest', 'watch'], ['ingest']]);
  });
});

describe('watch', () => {
  it('takes the other looks where one fails, and that one again', async () => {
    const { activity, look, clock, producers } = world();
    producers.push({ tenant: 'a', producer: 'p', keys: [{ keyId: 'k', revoked: false, endsMs: NOW + DAY }] });
    activity.down = true;
    const failed = await look();
    expect([failed.errors.length, failed.expiring, failed.deploy !== undefined]).toEqual([1, 1, true]);
    activity.down = false;
    clock.ms += MINUTE;
    const again = await look();
    expect([again.errors, again.fresh]).toEqual([[], ['producers']]);
  });
});
