import type { Control, Held, Maintenance } from '../domain/control/control.ts';
import type { ControlStore } from '../domain/control/ports.ts';
import { facts, heading, line, mark, note, table, widget } from './draw.ts';
import type { Html } from './html.ts';
import type { Call } from './widget.ts';

const SHED: Readonly<Record<Control['level'], string>> = {
  none: 'nothing',
  bulk: 'bulk',
  'half-standard': 'bulk, and half of standard',
  standard: 'bulk and standard',
};
/** Held producers that are listed. */
const MOST = 50;

/** What the control plane has decided: what is shed, who is held, whose maintenance it is. */
export async function showControl(control: Pick<ControlStore, 'read'>, { nowMs }: Call): Promise<Html> {
  return drawControl(await control.read(), nowMs);
}

export function drawControl(control: Control, nowMs: number): Html {
  const { level, mode, held, maintenance, by, at, reason, v, steppedAt, calmSince } = control;
  const open = maintenance.filter(({ to }) => Date.parse(to) > nowMs);
  return widget(
    line(mark(level === 'none' ? 'good' : 'bad', `sheds ${SHED[level]}`)),
    facts({
      mode: mode === 'auto' ? 'auto: guard steers' : 'manual: it stays as an operator has set it',
      'last step': steppedAt,
      'calm since': calmSince,
      'last change': v === 0 ? 'none yet' : `${at} by ${by}: ${reason}`,
    }),
    heading(`Producers held back: ${held.length}`),
    held.length === 0
      ? undefined
      : table(['tenant', 'producer', 'how', 'since', 'why'], held.slice(0, MOST).map(rowOf)),
    held.length > MOST ? note(`These are the first ${MOST}.`) : undefined,
    open.length === 0 ? undefined : heading('Maintenance'),
    open.length === 0
      ? undefined
      : table(
          ['from', 'to', 'why', 'by'],
          open.map((each) => windowRow(each, nowMs)),
        ),
    note('weir control set changes it, and asks for a reason.'),
  );
}

function rowOf({ tenant, producer, how, since, reason, by }: Held) {
  const share = how.kind === 'suspended' ? 'suspended' : `${Math.round(100 * how.share)} % shed`;
  return [
    tenant,
    producer,
    mark(how.kind === 'suspended' ? 'bad' : 'waiting', share),
    since,
    `${reason} (${by})`,
  ];
}

function windowRow({ from, to, reason, by }: Maintenance, nowMs: number) {
  return [from, to, `${reason}${Date.parse(from) <= nowMs ? ' (open now)' : ''}`, by];
}
