import type { Control, Held, Level } from '../../lambdas/domain/control/control.ts';
import type { Use } from '../platform/context.ts';

type Output = Use['output'];

export const SHEDS: Readonly<Record<Level, string>> = {
  none: 'nothing is shed',
  bulk: 'bulk events are shed',
  'half-standard': 'bulk events and half of the standard ones are shed',
  standard: 'bulk and standard events are shed; critical ones are taken',
};

/** What is in force. @param now ms since the epoch */
export function sayControl(control: Control, now: number, output: Output): void {
  const { mode, level, held, maintenance, v, by, at, reason } = control;
  const { bold, yellow, green, dim } = output.colors;
  const paint = level === 'none' ? green : yellow;
  output.say(`${bold('level')}  ${paint(level)}: ${SHEDS[level]}`);
  output.say(
    `${bold('mode')}   ${mode}${mode === 'manual' ? yellow(': guard changes nothing') : ': guard steers'}`,
  );
  output.say(dim(v === 0 ? 'Nothing was ever set.' : `version ${v}, by ${by} at ${at}: ${oneLine(reason)}`));
  if (held.length > 0) {
    output.say();
    output.table(
      ['held', 'how', 'since', 'by', 'why'],
      held.map((one) => [
        `${one.tenant}/${one.producer}`,
        howOf(one),
        one.since,
        one.by,
        oneLine(one.reason),
      ]),
      5,
    );
  }
  for (const { from, to, by: who, reason: why } of maintenance) {
    const open = Date.parse(from) <= now && now < Date.parse(to);
    output.say(
      `${bold('maintenance')} ${open ? yellow('open') : 'planned'} ${from} to ${to}, ${who}: ${oneLine(why)}`,
    );
  }
}

function howOf({ how }: Held): string {
  return how.kind === 'suspended' ? 'suspended' : `${Number((100 * how.share).toFixed(1))} % shed`;
}

/** Reasons may have lines. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
