import { type Command, InvalidArgumentError } from 'commander';
import type { Verb } from '../../lambdas/domain/recovery/request.ts';
import { list, oneOf, whole } from '../platform/options.ts';

/** What every verb takes. */
export interface RunOptions {
  readonly reason?: string;
  readonly requestId?: string;
  readonly operator?: string;
  readonly dryRun?: boolean;
  /** False with `--no-wait`. */
  readonly wait: boolean;
  readonly restore?: 'standard' | 'bulk';
}

export interface RangeOptions {
  readonly from?: string;
  readonly to?: string;
}

export interface WhoseOptions {
  readonly tenant?: string;
  readonly subject?: string;
  readonly types?: readonly string[];
}

export interface PaceOptions {
  readonly rate?: number;
  readonly maxLag?: number;
}

const MAX_RATE = 50_000;
const [MIN_LAG_SECONDS, MAX_LAG_SECONDS] = [5, 3_600];

/** Adds what every verb takes. */
export function withRun(command: Command): Command {
  return command
    .option('--reason <text>', 'why; it stands in the audit')
    .option('--request-id <id>', 'name of the run: the same id with the same request is the same run')
    .option('--operator <who>', 'who asks, where it is not whoever is signed in')
    .option('--dry-run', 'only say what would be done, and how much of it')
    .option('--no-wait', 'start it and leave it')
    .option(
      '--restore <tier>',
      'take objects out of cold storage first: standard or bulk',
      oneOf('standard', 'bulk'),
    );
}

/** `of` says what the range is of: arrivals, or windows. */
export function withRange(command: Command, of: string): Command {
  return command
    .option('--from <time>', `${of} from here on: date or RFC 3339 time in UTC`, instant)
    .option('--to <time>', `${of} before this`, instant);
}

export function withWhose(command: Command): Command {
  return command
    .option('--tenant <tenant>', 'only this tenant')
    .option('--subject <subject>', 'only this subject of the tenant')
    .option('--types <types>', 'only these event types, comma-separated', list);
}

export function withPace(command: Command): Command {
  return command
    .option('--rate <n>', 'events a second that go into the log at most', whole(1, MAX_RATE))
    .option(
      '--max-lag <seconds>',
      'pause while the projector is further behind than this',
      whole(MIN_LAG_SECONDS, MAX_LAG_SECONDS),
    );
}

export function withRevisions(command: Command): Command {
  return command.option(
    '--revision <type=n>',
    'count this type by that revision of its contract; may be repeated',
    revision,
    {},
  );
}

/** A date is its first moment. What else is wrong with a time, `recover` says. */
function instant(text: string): string {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
}

type Revisions = Readonly<Record<string, number>>;

function revision(text: string, before: Revisions): Revisions {
  const [, type, number] = /^([^=]+)=([1-9]\d{0,5})$/.exec(text) ?? [];
  if (type === undefined)
    throw new InvalidArgumentError('It must be a type and a number, such as disk.write=2.');
  return { ...before, [type]: Number(number) };
}

/** What of the options goes into a request as it stands; what is not given is left to `recover`'s defaults. */
export function requestOf(
  verb: Verb,
  options: RangeOptions & WhoseOptions & PaceOptions & { readonly revision?: Revisions },
): { readonly verb: Verb } & Readonly<Record<string, unknown>> {
  const { from, to, tenant, subject, types, rate, maxLag, revision: revisions } = options;
  const given = { from, to, tenant, subject, types, rate, maxLagSeconds: maxLag };
  return {
    verb,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(revisions && Object.keys(revisions).length > 0 && { revisions }),
  };
}
