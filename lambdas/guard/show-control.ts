import type { ProducerActivity } from '../domain/control/ports.ts';
import type { Shown, ShownProducer } from '../domain/control/shown.ts';
import type { GuardPorts, GuardSettings } from './ports.ts';
import { minuteOf, readLag } from './read-signals.ts';

/** Minutes, producers and changes that are shown. */
const MINUTES = 10;
const MAX_PRODUCERS = 20;
const MAX_CHANGES = 10;

export async function showControl(ports: GuardPorts, settings: GuardSettings): Promise<Shown> {
  const now = ports.clock.now();
  const minutes = Array.from({ length: MINUTES }, (_, index) =>
    minuteOf(now - (MINUTES - 1 - index) * 60_000),
  );
  const [control, history, alarms, lag, activity] = await Promise.all([
    ports.control.read(),
    ports.history.latest(MAX_CHANGES),
    ports.alarms.inAlarm(settings.alarms),
    readLag(ports, settings),
    Promise.all(minutes.map((minute) => ports.activity.of(minute))),
  ]);
  const all = byProducer(activity);
  const heaviest = all.sort((a, b) => sum(b.offered) - sum(a.offered)).slice(0, MAX_PRODUCERS);
  const { budgets } = settings;
  const producers = await Promise.all(
    heaviest.map(async (one) => {
      const tier = (await ports.tiers.of(one.tenant, one.producer)) ?? 'standard';
      return { ...one, budget: budgets[tier] ?? budgets.standard ?? 0 };
    }),
  );
  const changes = history.map(({ v, at, by, reason, level, mode }) => ({ v, at, by, reason, level, mode }));
  return { control, alarms, ...(lag && { lag }), minutes, producers, senders: all.length, changes };
}

function byProducer(minutes: readonly (readonly ProducerActivity[])[]): Omit<ShownProducer, 'budget'>[] {
  const zeros = () => minutes.map(() => 0);
  const found = new Map<string, { tenant: string; producer: string } & Record<Count, number[]>>();
  for (const [at, activity] of minutes.entries()) {
    for (const { tenant, producer, ...counts } of activity) {
      const key = JSON.stringify([tenant, producer]);
      const one = found.get(key) ?? { tenant, producer, offered: zeros(), accepted: zeros(), shed: zeros() };
      for (const name of COUNTS) one[name][at] = counts[name];
      found.set(key, one);
    }
  }
  return [...found.values()];
}

const COUNTS = ['offered', 'accepted', 'shed'] as const;
type Count = (typeof COUNTS)[number];

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
