import type { Bucket, BucketKey } from '../domain/bucket.ts';
import { LIMITS } from '../domain/cloudevent.ts';
import { scaleOf } from '../domain/contract.ts';
import { formatUnits } from '../domain/decimal.ts';
import { digestToHex } from '../domain/digest.ts';
import { describeDifference } from '../domain/recovery/describe-difference.ts';
import type { NumberedRevision } from '../domain/recovery/fold-bucket.ts';
import type { Comparison } from '../domain/trace/compare-state.ts';
import type { TraceLimits } from '../domain/trace/trace.ts';
import { windowStart } from '../domain/window.ts';
import { code, facts, form, heading, line, mark, note, table, widget } from './draw.ts';
import { type Html, html } from './html.ts';
import { type Given, neededText, ParamError } from './read-params.ts';
import type { Call } from './widget.ts';

const MOST = { objects: 400, bytes: 48 * 1024 ** 2 } as const;
/** Groups of meters that are drawn. */
const MOST_ROWS = 60;

/** A bucket beside what the archive says of it; without its name, the form that asks for it. */
export async function showState(
  compare: (key: BucketKey, limits: TraceLimits) => Promise<Comparison>,
  call: Call,
): Promise<Html> {
  const { given, deadline } = call;
  const names = ['tenant', 'subject', 'type', 'window'] as const;
  const asking = askingForm(call, names);
  if (names.every((name) => given[name] === undefined || given[name] === ''))
    return widget(asking, note('Which bucket is to be compared with the archive?'));
  const key = readKey(given);
  const limits = { ...MOST, isOver: () => Date.now() >= deadline };
  return widget(asking, drawComparison(await compare(key, limits), key));
}

function readKey(given: Given): BucketKey {
  const window = neededText(given, 'window', 20);
  if (Number.isNaN(windowStart(window)))
    throw new ParamError(
      'window must be the start of a bucket: 2026-11-21, 2026-11-21T07 or 2026-11-21T07:15',
    );
  return {
    tenant: neededText(given, 'tenant', LIMITS.tenant),
    subject: neededText(given, 'subject', LIMITS.subject),
    type: neededText(given, 'type', LIMITS.type),
    window,
  };
}

function askingForm({ given, self }: Call, names: readonly string[]): Html {
  const fields = names.map((name) => ({
    name,
    label: name,
    value: typeof given[name] === 'string' ? (given[name] as string) : '',
    hint: name === 'window' ? '2026-11-21T07' : '',
  }));
  return form(fields, 'Compare', self, { widget: 'state' });
}

export function drawComparison(compared: Comparison, key: BucketKey): Html {
  switch (compared.kind) {
    case 'unknown-type':
      return line(html`${mark('bad', 'not compared')} This build has no contract for ${code(key.type)}.`);
    case 'no-window':
      return line(html`${mark('bad', 'not compared')} ${code(key.window)} is no window.`);
    case 'moving':
      return line(
        html`${mark('waiting', 'not compared')} More is in the log than could be read here; look again in a minute.`,
      );
    case 'too-large':
      return html`${[
        line(
          html`${mark('waiting', 'not compared')} ${compared.objects} archive objects (${(compared.bytes / 1024 ** 2).toFixed(1)} MB) are too many to be read here. A run does it:`,
        ),
        line(code(commandFor(key))),
      ]}`;
    case 'compared':
      return drawBoth(compared, key);
  }
}

/** For a shell: what a sender chose stands in single quotes. */
export function commandFor({ tenant, subject, type, window }: BucketKey): string {
  const start = windowStart(window);
  const from = new Date(start).toISOString();
  const to = new Date(start + 1).toISOString();
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  return (
    `weir reconcile --tenant ${quote(tenant)} --subject ${quote(subject)} --types ${quote(type)} ` +
    `--from ${from} --to ${to} --reason "looking"`
  );
}

function drawBoth(compared: Extract<Comparison, { kind: 'compared' }>, key: BucketKey): Html {
  const { live, review, found, objects, damaged, repairs } = compared;
  const head = live.found?.head;
  const doing = { repair: false, damaged: damaged.length > 0, rewritten: undefined, resent: false };
  const findings = found.flatMap((each) => describeDifference(each, doing) ?? []);
  const agrees = found.length === 0 && damaged.length === 0;
  const rows = beside(head?.bucket, review.same?.bucket, review.own);
  return html`${[
    line(
      agrees
        ? mark(
            'good',
            head ? 'state and archive agree' : 'there is no such bucket, and the archive has no event of it',
          )
        : mark('bad', 'state and archive differ'),
    ),
    ...(review.missing.length > 0 && repairs !== undefined
      ? [
          line(
            html`${mark('waiting', 'to be repaired')} What the projector gave up waits to be repaired (${repairs}), and what is missing may be in that. Look again once it is: weir doctor says how much waits.`,
          ),
        ]
      : []),
    ...findings.map(({ kind, detail, action }) => line(html`${mark('bad', kind)} ${detail}: ${action}`)),
    ...damaged.map((object) => line(html`${mark('bad', 'object')} ${object}`)),
    facts({
      version: head?.v,
      epoch: head?.bucket.epoch,
      revision: head?.bucket.revision,
      'counted up to': head?.upTo,
      'not in state': review.missing.length > 0 ? `${review.missing.length} events` : undefined,
    }),
    heading('Side by side'),
    table(['', 'state', 'archive'], rows.slice(0, MOST_ROWS)),
    ...(rows.length > MOST_ROWS ? [note(`The first ${MOST_ROWS} of ${rows.length} values.`)] : []),
    note(
      `Folded from ${review.lines} sendings in ${objects} archive objects and the log behind them. ` +
        'Events on their way are no difference.',
    ),
    ...(agrees ? [] : [line(code(commandFor(key)))]),
  ]}`;
}

function beside(state: Bucket | undefined, archive: Bucket | undefined, by: NumberedRevision | undefined) {
  const left = valuesOf(state, by);
  const right = valuesOf(archive, by);
  return [...new Set([...left.keys(), ...right.keys()])].map((name) => {
    const [a, b] = [left.get(name) ?? '', right.get(name) ?? ''];
    return a === b ? [name, a, b] : [name, html`<b>${a || 'none'}</b>`, html`<b>${b || 'none'}</b>`];
  });
}

function valuesOf(bucket: Bucket | undefined, by: NumberedRevision | undefined): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  if (!bucket) return values;
  values.set('events', String(bucket.n));
  values.set('first', bucket.first);
  values.set('last', bucket.last);
  for (const meter of by?.revision.meters ?? []) {
    for (const [group, { units }] of bucket.meters.get(meter.name) ?? [])
      values.set(`${meter.name} ${group}`, formatUnits(units, scaleOf(meter)));
  }
  values.set('digest', digestToHex(bucket.digest).slice(0, 16));
  return values;
}
