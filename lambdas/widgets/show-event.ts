import { LIMITS } from '../domain/cloudevent.ts';
import {
  countedTwice,
  type Step,
  signOf,
  stepsOf,
  tellNothing,
  whatIsMissing,
} from '../domain/trace/tell-way.ts';
import type { Trace, TraceQuestion, Way } from '../domain/trace/trace.ts';
import { button, code, form, heading, line, mark, note, type Tint, table, widget } from './draw.ts';
import { type Html, html } from './html.ts';
import { optionalText, ParamError, tenantIn, timeIn } from './read-params.ts';
import type { Call } from './widget.ts';

const DAY_MS = 86_400_000;
/** Clocks that the log's times are by may be ahead of this one. */
const AHEAD_MS = 600_000;
const LONGEST_MS = 31 * DAY_MS;
/** What is read at most: what the function's time and memory allow. */
const MOST = { objects: 400, bytes: 48 * 1024 ** 2 } as const;
/** Sendings that are drawn of one event. */
const MOST_SENDINGS = 10;

/** The way of one event; without an id, the form that asks for it. */
export async function showEvent(trace: (of: TraceQuestion) => Promise<Trace>, call: Call): Promise<Html> {
  const question = readQuestion(call);
  const asking = askingForm(call);
  if (!question)
    return widget(asking, note('Whose way is to be shown? Without a tenant all are looked through.'));
  return widget(asking, drawTrace(await trace(question), call));
}

function readQuestion({ given, nowMs, deadline }: Call): TraceQuestion | undefined {
  const id = optionalText(given, 'id', LIMITS.id);
  if (id === undefined) return undefined;
  const tenant = tenantIn(given);
  const source = optionalText(given, 'source', LIMITS.source);
  const toMs = timeIn(given, 'to', nowMs) ?? nowMs + AHEAD_MS;
  const fromMs = timeIn(given, 'from', nowMs) ?? Math.min(toMs, nowMs) - DAY_MS;
  if (fromMs >= toMs) throw new ParamError('from must be before to');
  if (toMs - fromMs > LONGEST_MS + AHEAD_MS)
    throw new ParamError('from and to may be at most 31 days apart; weir trace looks further');
  return {
    ...{ id, fromMs, toMs },
    ...(tenant !== undefined && { tenant }),
    ...(source !== undefined && { source }),
    limits: { ...MOST, isOver: () => Date.now() >= deadline },
  };
}

function askingForm({ given, self }: Call): Html {
  const text = (name: string) => (typeof given[name] === 'string' ? (given[name] as string) : '');
  const field = (name: string, label: string, hint: string) => ({ name, label, hint, value: text(name) });
  const fields = [
    field('id', 'event id', 'as its sender gave it'),
    field('tenant', 'tenant', 'all'),
    field('from', 'arrived from', '24h'),
    field('to', 'to', 'now'),
  ];
  return form(fields, 'Trace', self, { widget: 'event' });
}

export function drawTrace(trace: Trace, call: Pick<Call, 'self'>): Html {
  const { ways, looked } = trace;
  const part = whatIsMissing(looked);
  return html`${[
    ...(ways.length === 0 ? [line(html`${mark('bad', 'not found')} ${tellNothing(trace)}`)] : []),
    ...ways.map((way) => drawWay(way, trace, call)),
    ...(part === undefined ? [] : [line(html`${mark('waiting', 'a part')} ${part}`)]),
    note(`Looked through ${looked.read} archive objects, and the log behind them.`),
  ]}`;
}

function drawWay(way: Way, { looked }: Trace, { self }: Pick<Call, 'self'>): Html {
  const { id, tenant, source, outcome, sendings, buckets } = way;
  const twice = countedTwice(way);
  const shown = sendings.slice(0, MOST_SENDINGS);
  return html`${[
    line(
      html`${code(id)} ${mark(signOf(outcome), outcome)} tenant ${code(tenant)}, source ${code(source || 'unknown')}`,
    ),
    ...shown.map((sending, index) => drawSteps(stepsOf(sending, way, looked), index)),
    ...(shown.length < sendings.length
      ? [note(`The first ${shown.length} of ${sendings.length} sendings.`)]
      : []),
    ...(twice === undefined ? [] : [line(html`${mark('bad', 'twice')} ${twice}`)]),
    ...buckets.map(({ key }) =>
      line(button(`Compare ${key.type} of ${key.subject}, ${key.window}`, self, { widget: 'state', ...key })),
    ),
  ]}`;
}

function drawSteps(steps: readonly Step[], index: number): Html {
  const rows = steps.map(({ sign, name, at = '', tookMs, text, advice }) => [
    mark(sign satisfies Tint, name),
    tookMs === undefined ? at : `${at} +${tookMs} ms`,
    advice === undefined ? text : html`${text}${note(advice)}`,
  ]);
  return html`${[...(index > 0 ? [heading(`${index + 1}. sending`)] : []), table(['step', 'at', ''], rows)]}`;
}
