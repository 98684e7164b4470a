import type { Level } from '../../lambdas/domain/control/control.ts';
import type { Use } from '../platform/context.ts';
import { EXIT, wrongUsage } from '../platform/errors.ts';
import { confirm } from '../recovery/confirm.ts';
import type { ConnectControl } from './ports.ts';
import { SHEDS, sayControl } from './say-control.ts';

export interface SetOptions {
  readonly level?: Level;
  readonly mode?: 'auto' | 'manual';
  readonly hold?: Whom;
  readonly share?: number;
  readonly release?: Whom;
  /** Minutes. */
  readonly maintenance?: number;
  readonly from?: string;
  readonly endMaintenance?: true;
  readonly reason?: string;
  readonly operator?: string;
  readonly yes?: boolean;
}

export interface Whom {
  readonly tenant: string;
  readonly producer: string;
}

const OTHERWISE = {
  hint: 'Look with weir control show first, then say --yes.',
  nothing: 'Nothing was changed.',
};

/** Sets what is in force, by guard: it validates, and writes the audit first. */
export async function setControl(options: SetOptions, use: Use, connect: ConnectControl): Promise<number> {
  const { output, host, target } = use;
  const { reason } = options;
  const changes = changesOf(options);
  if (Object.keys(changes).length === 0)
    throw wrongUsage('Say what to set.', 'weir control set --help shows what there is.');
  if (!reason?.trim()) throw wrongUsage('Say why, with --reason "…": it stands in the audit.');
  const question = questionOf(options);
  if (question !== undefined && !options.yes)
    await confirm(`${question} On ${target().label}. Go on?`, host, OTHERWISE);
  const { set, operator } = await connect(target());
  const answered = await set({
    command: 'set',
    operator: options.operator ?? (await operator()),
    reason,
    ...changes,
  });
  output.emit(answered);
  sayControl(answered.control, Date.now(), output);
  output.say();
  output.say(answered.next);
  return EXIT.done;
}

function changesOf({ level, mode, hold, share, release, maintenance, from, endMaintenance }: SetOptions) {
  if (share !== undefined && !hold) throw wrongUsage('--share goes with --hold.');
  if (from !== undefined && maintenance === undefined) throw wrongUsage('--from goes with --maintenance.');
  const kind = share === undefined ? { kind: 'suspended' } : { kind: 'over-budget', share };
  const given = {
    ...{ level, mode, release, endMaintenance },
    hold: hold && { ...hold, ...kind },
    maintenance:
      maintenance === undefined ? undefined : { ...(from !== undefined && { from }), minutes: maintenance },
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** What is asked first, as senders feel it who have done nothing wrong, or all that a sender has to say is lost to it. */
function questionOf({ level, hold, share }: SetOptions): string | undefined {
  const sheds = level === 'standard' || level === 'half-standard' ? `${capital(SHEDS[level])}.` : undefined;
  const suspends =
    hold && share === undefined
      ? `All that ${hold.tenant}/${hold.producer} sends is refused, critical events too.`
      : undefined;
  const parts = [sheds, suspends].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join(' ') : undefined;
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
