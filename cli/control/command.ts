import { type Command, InvalidArgumentError } from 'commander';
import { LEVELS } from '../../lambdas/domain/control/control.ts';
import type { Context } from '../platform/context.ts';
import { duration, oneOf } from '../platform/options.ts';
import { connectControl } from './connect.ts';
import type { ConnectControl } from './ports.ts';
import { type SetOptions, setControl, type Whom } from './set.ts';
import { showControl } from './show.ts';

const MINUTE_MS = 60_000;

export function addControl(
  program: Command,
  context: Context,
  connect: ConnectControl = connectControl,
): void {
  const control = program
    .command('control')
    .description('what is shed, whom guard holds back, and maintenance');
  control
    .command('show')
    .description('show what is in force, by what guard steers, and who sends how much')
    .addHelpText('after', '\nExample:\n  $ weir control show')
    .action(() => context.run((use) => showControl(use, connect)));
  control
    .command('set')
    .description('set it by hand; the audit has who and why')
    .option('--level <level>', `how far shedding goes: ${LEVELS.join(', ')}`, oneOf(...LEVELS))
    .option('--mode <mode>', 'auto: guard steers; manual: it stays as it is set', oneOf('auto', 'manual'))
    .option('--hold <tenant/producer>', 'refuse all that it sends; with --share, shed a part', whom)
    .option('--share <share>', 'of its events that are not critical: above 0 and at most 1', share)
    .option('--release <tenant/producer>', 'hold it no more', whom)
    .option('--maintenance <time>', 'page nobody for so long, such as 30m; at most 24h', minutes)
    .option('--from <time>', 'when maintenance begins, RFC 3339, where it is not now')
    .option('--end-maintenance', 'page again; windows to come are called off too')
    .option('--reason <text>', 'why; it stands in the audit')
    .option('--operator <who>', 'who asks, where it is not whoever is signed in')
    .option('--yes', 'do not ask, also where standard events are shed or a producer is suspended')
    .addHelpText(
      'after',
      '\nExamples:\n  $ weir control set --maintenance 30m --reason "INC-31: new shards"' +
        '\n  $ weir control set --mode manual --level none --reason "INC-32: guard sheds, and should not"' +
        '\n  $ weir control set --mode auto --reason "INC-32 is over"' +
        '\n  $ weir control set --hold acme/agent --share 0.8 --reason "INC-33: a loop in agent 2.4"',
    )
    .action((options: SetOptions) => context.run((use) => setControl(options, use, connect)));
}

function whom(text: string): Whom {
  const [, tenant, producer] = /^([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (tenant !== undefined && producer !== undefined) return { tenant, producer };
  throw new InvalidArgumentError('It must be a tenant and its producer, such as acme/agent.');
}

function share(text: string): number {
  const number = Number(text);
  if (/^(0?\.\d+|1(\.0+)?|0\.\d+)$/.test(text) && number > 0 && number <= 1) return number;
  throw new InvalidArgumentError('It must be above 0 and at most 1, such as 0.8.');
}

function minutes(text: string): number {
  const whole = duration(text) / MINUTE_MS;
  if (whole >= 1 && whole <= 24 * 60) return whole;
  throw new InvalidArgumentError('It must be from 1m to 24h.');
}
