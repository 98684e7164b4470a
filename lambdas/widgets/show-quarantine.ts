import { adviceFor } from '../domain/quarantine-advice.ts';
import { type Cause, causeOf, type QuarantineReader, type Sample } from '../domain/quarantine-reader.ts';
import type { Tenants } from '../domain/recovery/ports.ts';
import { mapAtMost } from '../platform/map-at-most.ts';
import { button, code, form, line, mark, note, table, widget } from './draw.ts';
import { type Html, html } from './html.ts';
import { tenantIn } from './read-params.ts';
import type { Call } from './widget.ts';

/** What is read at most. A producer has a hundred causes at most. */
const MOST_TENANTS = 50;
const MOST_SAMPLES = 300;
const CONCURRENCY = 8;
/** Causes that are shown, those with the latest input first. */
const MOST_CAUSES = 30;

export interface QuarantinePorts {
  readonly quarantine: QuarantineReader;
  readonly tenants: Tenants;
}

/** What could not be counted, by cause: of one tenant, or of all. */
export async function showQuarantine({ quarantine, tenants }: QuarantinePorts, call: Call): Promise<Html> {
  const tenant = tenantIn(call.given);
  const names = tenant === undefined ? await someOf(tenants) : [tenant];
  const samples: Sample[] = [];
  for (const name of names) {
    for await (const page of quarantine.samples(name)) {
      samples.push(...page);
      if (samples.length >= MOST_SAMPLES) break;
    }
    if (samples.length >= MOST_SAMPLES || Date.now() >= call.deadline) break;
  }
  const causes = await mapAtMost(CONCURRENCY, samples, async (sample) =>
    causeOf(sample, await quarantine.days(sample)),
  );
  const isPart = samples.length >= MOST_SAMPLES || names.length >= MOST_TENANTS;
  return drawQuarantine(causes, isPart, call, tenant);
}

async function someOf(tenants: Tenants): Promise<readonly string[]> {
  const names = new Set<string>();
  for await (const page of tenants.list()) {
    for (const name of page) names.add(name);
    if (names.size >= MOST_TENANTS) break;
  }
  return [...names].slice(0, MOST_TENANTS);
}

export function drawQuarantine(
  causes: readonly Cause[],
  isPart: boolean,
  { self }: Pick<Call, 'self'>,
  tenant?: string,
): Html {
  const latest = causes.toSorted((a, b) => (a.last < b.last ? 1 : a.last > b.last ? -1 : b.count - a.count));
  const shown = latest.slice(0, MOST_CAUSES);
  const asking = form([{ name: 'tenant', label: 'tenant', hint: 'all', value: tenant ?? '' }], 'Show', self, {
    widget: 'quarantine',
  });
  if (causes.length === 0) return widget(asking, line(mark('good', 'nothing is in quarantine')));
  return widget(
    asking,
    table(
      ['cause', 'whose', 'last', 'inputs'],
      shown.map((cause) => rowOf(cause, self)),
      3,
    ),
    shown.length < causes.length || isPart
      ? note(
          `The latest ${shown.length} of ${causes.length}${isPart ? ' or more' : ''} causes; weir quarantine list shows all.`,
        )
      : undefined,
  );
}

function rowOf(cause: Cause, self: string) {
  const {
    code: why,
    detail,
    fingerprint,
    tenant,
    producer,
    type,
    pointer,
    first,
    last,
    count,
    redriven,
  } = cause;
  const place = [type, pointer].filter((part) => part !== undefined).join(' ');
  return [
    html`${mark('bad', why)} ${detail} ${note(adviceFor(why))}${code(fingerprint.slice(0, 12))}`,
    html`${tenant} / ${producer}${place ? note(place) : undefined}${sampleOf(cause, self)}`,
    html`${day(last)}${note(`first ${day(first)}`)}`,
    html`${count.toLocaleString('en')}${redriven && note(`${redriven.events} sent again`)}`,
  ];
}

/** The way of the event that is kept as a sample, where it has an id. */
function sampleOf({ input, tenant, first }: Cause, self: string): Html | undefined {
  const id = idIn(input);
  return id === undefined
    ? undefined
    : button('trace a sample', self, { widget: 'event', tenant, id, from: first, to: dayAfter(first) });
}

/** Samples are cut at a bound, and then no JSON any more. */
function idIn(input: string): string | undefined {
  try {
    const { id } = JSON.parse(input) ?? {};
    return typeof id === 'string' && id !== '' ? id : undefined;
  } catch {
    return undefined;
  }
}

function dayAfter(time: string): string | undefined {
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? undefined : new Date(ms + 86_400_000).toISOString();
}

function day(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}
