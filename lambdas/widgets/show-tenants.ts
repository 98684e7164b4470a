import type { Activity, ProducerActivity } from '../domain/control/ports.ts';
import { mapAtMost } from '../platform/map-at-most.ts';
import { bar, line, link, mark, note, table, trouble, widget } from './draw.ts';
import type { Html } from './html.ts';
import { wholeIn } from './read-params.ts';
import type { Call } from './widget.ts';

const MINUTE_MS = 60_000;
const MINUTES = { least: 1, most: 60, otherwise: 10 } as const;
/** Minutes read at the same time. */
const CONCURRENCY = 8;
/** Tenants that are shown, and of each the producers. */
const MOST_TENANTS = 20;
const MOST_PRODUCERS = 3;

interface Sums {
  offered: number;
  accepted: number;
  shed: number;
}

export interface TenantActivity extends Readonly<Sums> {
  readonly tenant: string;
  readonly producers: readonly (Readonly<Sums> & { readonly producer: string })[];
}

/** Who sends the most: tenants by what they offered in the last minutes. */
export async function showTenants(
  activity: Pick<Activity, 'of'>,
  { given, nowMs, deadline, self }: Call,
): Promise<Html> {
  const minutes = wholeIn(given, 'minutes', MINUTES);
  const names = Array.from({ length: minutes }, (_, ago) => minuteOf(nowMs - ago * MINUTE_MS));
  // Of very many producers not all minutes can be read in time: those that are begun with, the latest.
  const read = await mapAtMost(CONCURRENCY, names, async (minute) =>
    Date.now() < deadline ? activity.of(minute) : undefined,
  );
  const all = read.filter((minute) => minute !== undefined);
  if (all.length === 0) return trouble('The latest minute could not be read in time; look again.');
  return drawTenants(addUp(all.flat()), all.length, self);
}

function minuteOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16);
}

/** By what was offered, the most first. */
export function addUp(all: readonly ProducerActivity[]): readonly TenantActivity[] {
  const tenants = new Map<string, Map<string, Sums>>();
  for (const { tenant, producer, ...counts } of all) {
    const producers = tenants.get(tenant) ?? new Map<string, Sums>();
    tenants.set(tenant, producers);
    producers.set(producer, plus(producers.get(producer) ?? { offered: 0, accepted: 0, shed: 0 }, counts));
  }
  return [...tenants]
    .map(([tenant, producers]) => {
      const each = [...producers].map(([producer, sums]) => ({ producer, ...sums })).sort(byOffered);
      return { tenant, ...each.reduce<Sums>(plus, { offered: 0, accepted: 0, shed: 0 }), producers: each };
    })
    .sort(byOffered);
}

function plus(a: Sums, b: Sums): Sums {
  return { offered: a.offered + b.offered, accepted: a.accepted + b.accepted, shed: a.shed + b.shed };
}

function byOffered(a: Sums, b: Sums): number {
  return b.offered - a.offered;
}

export function drawTenants(tenants: readonly TenantActivity[], minutes: number, self: string): Html {
  if (tenants.length === 0) return widget(line(`Nobody has sent anything in the last ${minutes} minutes.`));
  const most = tenants[0]!.offered || 1;
  const rows = tenants.slice(0, MOST_TENANTS).map(({ tenant, producers, offered, accepted, shed }) => [
    link(tenant, self, { widget: 'quarantine', tenant }),
    producers
      .slice(0, MOST_PRODUCERS)
      .map(({ producer }) => producer)
      .join(', ') +
      (producers.length > MOST_PRODUCERS ? ` and ${producers.length - MOST_PRODUCERS} more` : ''),
    bar(offered / most, 'good'),
    count(offered),
    count(accepted),
    shed > 0 ? mark('bad', count(shed)) : '0',
  ]);
  return widget(
    table(['tenant', 'producers', '', 'offered', 'accepted', 'shed'], rows, 3),
    note(
      `${tenants.length > rows.length ? `The first ${rows.length} of ${tenants.length} tenants. ` : ''}` +
        `Events of the last ${minutes} minutes; the last 15 seconds may be missing. A tenant's name shows its quarantine.`,
    ),
  );
}

function count(number: number): string {
  return number.toLocaleString('en');
}
