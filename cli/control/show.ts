import type { Shown, ShownProducer } from '../../lambdas/domain/control/shown.ts';
import { bar } from '../platform/bar.ts';
import type { Use } from '../platform/context.ts';
import { EXIT } from '../platform/errors.ts';
import { grouped } from '../platform/output.ts';
import type { ConnectControl } from './ports.ts';
import { oneLine, sayControl } from './say-control.ts';

const BAR = 16;

/** Shows what is in force, by what guard steers, and who sends how much. */
export async function showControl(use: Use, connect: ConnectControl): Promise<number> {
  const { output } = use;
  const { show } = await connect(use.target());
  const shown = await show();
  output.emit(shown);
  sayControl(shown.control, Date.now(), output);
  sayState(shown, use);
  sayProducers(shown, use);
  if (shown.changes.length > 0) {
    output.say();
    output.table(
      ['version', 'at', 'by', 'level', 'mode', 'why'],
      shown.changes.map(({ v, at, by, level, mode, reason }) => [v, at, by, level, mode, oneLine(reason)]),
      6,
    );
  }
  return EXIT.done;
}

function sayState({ alarms, lag }: Shown, { output }: Use): void {
  const { bold, red } = output.colors;
  const behind = lag ? `${Math.round(lag.seconds)} s` : 'not known: no mark was passed yet';
  const still = lag && lag.seconds > 0 && !lag.moves ? red(' and stands still') : '';
  const stays = lag && lag.seconds > 0 && lag.stays ? ', and gets no less' : '';
  output.say(`${bold('lag')}    ${behind}${still}${stays}`);
  output.say(`${bold('alarms')} ${alarms.length > 0 ? red(alarms.join(', ')) : 'none that guard hears'}`);
}

/** The fullest minute of each against its budget, and what became of all. */
function sayProducers({ producers, senders, minutes }: Shown, { output }: Use): void {
  output.say();
  if (producers.length === 0) {
    output.say(`Nobody has sent anything in the last ${minutes.length} minutes.`);
    return;
  }
  output.table(
    ['producer', 'of its budget', 'events/s', 'budget', 'offered', 'accepted', 'shed'],
    producers.map((one) => rowOf(one, output)),
    2,
  );
  const more = senders > producers.length ? ` These are the ${producers.length} heaviest of ${senders}.` : '';
  output.say(
    output.colors.dim(
      `Events/s: of the fullest of the last ${minutes.length} minutes; the other counts: of all of them.${more}`,
    ),
  );
}

function rowOf({ tenant, producer, budget, offered, accepted, shed }: ShownProducer, output: Use['output']) {
  const peak = Math.max(...offered) / 60;
  const { green, red, yellow } = output.colors;
  const lost = sum(shed);
  return [
    `${tenant}/${producer}`,
    { text: bar(peak / budget, BAR), paint: peak > budget ? red : green },
    peak.toFixed(1),
    grouped(budget),
    grouped(sum(offered)),
    grouped(sum(accepted)),
    { text: grouped(lost), paint: lost > 0 ? yellow : String },
  ];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
