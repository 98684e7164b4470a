import type { ProducerActivity } from '../domain/control/ports.ts';
import type { Lag, ProducerRate, Signals } from '../domain/control/signals.ts';
import { trackLag } from '../domain/control/track-lag.ts';
import { passedAll } from '../domain/recovery/passed.ts';
import { mapAtMost } from '../platform/map-at-most.ts';
import type { GuardPorts, GuardSettings } from './ports.ts';

/** Most producers whose tier is looked up at one look, and how many at once. */
const MAX_PRODUCERS = 200;
const AT_ONCE = 10;
const MINUTE_MS = 60_000;

type Named = Pick<ProducerActivity, 'tenant' | 'producer'>;

/**
 * Everything that guard steers by. Who sends how much may not be had just when most comes: what else there is to see is
 * enough for the level.
 * @param held whose rates are wanted whatever they are
 * @returns signals, and why rates could not be read
 */
export async function readSignals(
  ports: GuardPorts,
  settings: GuardSettings,
  held: readonly Named[],
): Promise<{ readonly signals: Signals; readonly failed?: unknown }> {
  const [alarms, lag, rates] = await Promise.all([
    ports.alarms.inAlarm(settings.alarms),
    readLag(ports, settings),
    readRates(ports, settings, held).then(
      (producers) => ({ producers }),
      (failed: unknown) => ({ failed }),
    ),
  ]);
  const signals = { alarms, ...(lag && { lag }) };
  if ('failed' in rates) return { signals, failed: rates.failed };
  return { signals: { ...signals, ...rates } };
}

/** The lag that the marks prove, and whether they move; undefined where they say nothing yet. */
export async function readLag(ports: GuardPorts, settings: GuardSettings): Promise<Lag | undefined> {
  const now = ports.clock.now();
  const [shards, passes, before] = await Promise.all([
    ports.shards.list(),
    ports.passes.read(),
    ports.sightings.read(),
  ]);
  const asOf = passedAll(shards, passes, new Date(now).toISOString());
  if (asOf === undefined) return undefined;
  const { markSeconds, lagSeconds } = settings;
  const { seen, lag } = trackLag(before, asOf, now, { markSeconds, stallSeconds: lagSeconds });
  await ports.sightings.write(seen);
  return lag;
}

/** Those that offer more than the smallest budget, the heaviest of them, and those that are held. */
async function readRates(
  { activity, tiers, clock }: GuardPorts,
  { budgets }: GuardSettings,
  held: readonly Named[],
): Promise<readonly ProducerRate[]> {
  const now = clock.now();
  const minutes = await Promise.all(
    [minuteOf(now - MINUTE_MS), minuteOf(now)].map((minute) => activity.of(minute)),
  );
  const least = Math.min(...Object.values(budgets));
  const offers = heaviest(minutes).map(({ offered, ...whom }) => ({ ...whom, offered: offered / 60 }));
  const heavy = offers.filter(({ offered }) => offered > least).slice(0, MAX_PRODUCERS);
  const others = offers.filter((one) => !heavy.includes(one) && held.some((of) => isOf(one, of)));
  return mapAtMost(AT_ONCE, [...heavy, ...others], async (one) => {
    const tier = (await tiers.of(one.tenant, one.producer)) ?? 'standard';
    return { ...one, budget: budgets[tier] ?? budgets.standard ?? least };
  });
}

/**
 * What each producer offered in the one of the minutes in which it offered most, the heaviest first. The present minute is
 * not over, so that what it has already is less than a whole one's: it can only tell of too much, and sooner.
 */
function heaviest(
  minutes: readonly (readonly ProducerActivity[])[],
): readonly (Named & { offered: number })[] {
  const most = new Map<string, Named & { offered: number }>();
  for (const { tenant, producer, offered } of minutes.flat()) {
    const key = JSON.stringify([tenant, producer]);
    if (offered > (most.get(key)?.offered ?? -1)) most.set(key, { tenant, producer, offered });
  }
  return [...most.values()].sort((a, b) => b.offered - a.offered);
}

/** `YYYY-MM-DDTHH:MM`, UTC. */
export function minuteOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16);
}

function isOf(a: Named, b: Named): boolean {
  return a.tenant === b.tenant && a.producer === b.producer;
}
