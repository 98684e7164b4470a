import { LIMITS } from '../cloudevent.ts';
import { findFlaw } from '../read-json.ts';
import { nearest } from '../recovery/nearest.ts';
import {
  readFlag,
  readInstant,
  readNeeded,
  readOneOf,
  readText,
  readWhole,
} from '../recovery/read-members.ts';
import { Spot } from '../spot.ts';
import { CommandError, type ControlCommand, type SetCommand } from './command.ts';
import { LEVELS } from './control.ts';
import { GUARD } from './step.ts';

/** Longest command as JSON. */
const MAX_COMMAND = 10_000;
const MAX_OPERATOR = 128;
const MAX_REASON = 500;
/** Longest maintenance window, and how far ahead one may begin. */
const MAX_MINUTES = 24 * 60;
const MAX_AHEAD_DAYS = 30;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Names under which Weir itself decides. */
const OURS = [GUARD, 'weir'];

type Named = NonNullable<SetCommand['release']>;

const COMMANDS = ['show', 'set'] as const;
const CHANGES = ['mode', 'level', 'hold', 'release', 'maintenance', 'endMaintenance'] as const;
const OPERATOR = `a text of 1 to ${MAX_OPERATOR} characters that says who asks, for the audit`;
const REASON = `a text of 1 to ${MAX_REASON} characters that says why, for the audit`;

/**
 * What an operator asks of the control plane. A member that nobody knows is a mistake: misspelt and passed over, something
 * else would be in force than was meant.
 * @param json as `JSON.parse` gives it
 * @param now ms since the epoch
 * @throws CommandError that lists every mistake
 */
export function readCommand(json: unknown, now: number): ControlCommand {
  const spot = new Spot(json);
  const command = isReadable(spot) ? readKind(spot, now) : undefined;
  if (spot.mistakes.length > 0 || !command) throw new CommandError(spot.mistakes);
  return command;
}

function isReadable(spot: Spot): boolean {
  if (!spot.isObject) {
    spot.note('must be a JSON object: {"command": "show"} or {"command": "set", …}');
    return false;
  }
  if (findFlaw(spot.value, true)) spot.note('holds what is no text, or is nested too deep');
  else if (JSON.stringify(spot.value).length > MAX_COMMAND)
    spot.note(`is too long: at most ${MAX_COMMAND} characters are taken`);
  return spot.mistakes.length === 0;
}

function readKind(spot: Spot, now: number): ControlCommand | undefined {
  const allowed = COMMANDS.map((one) => `"${one}"`).join(' or ');
  const kind = readNeeded(spot.at('command'), (at) => readOneOf(at, COMMANDS), allowed);
  if (kind === 'show') {
    takeOnly(spot, ['command']);
    return { command: 'show' };
  }
  return kind && readSet(spot, now);
}

function readSet(spot: Spot, now: number): SetCommand {
  takeOnly(spot, ['command', 'operator', 'reason', ...CHANGES]);
  const members = {
    command: 'set',
    operator: readNeeded(spot.at('operator'), readOperator, OPERATOR),
    reason: readNeeded(spot.at('reason'), readReason, REASON),
    mode: readOneOf(spot.at('mode'), ['auto', 'manual'] as const),
    level: readOneOf(spot.at('level'), LEVELS),
    hold: readHold(spot.at('hold')),
    release: readWhom(spot.at('release')),
    maintenance: readWindow(spot.at('maintenance'), now),
    endMaintenance: readFlag(spot.at('endMaintenance')),
  };
  if (!CHANGES.some((name) => spot.at(name).given)) spot.note(`must say what to set: ${CHANGES.join(', ')}`);
  checkTogether(spot, members);
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== false),
  ) as unknown as SetCommand;
}

function takeOnly(spot: Spot, allowed: readonly string[]): void {
  for (const name of spot.names().filter((one) => !allowed.includes(one))) {
    const meant = nearest(name, allowed);
    const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
    spot.at(name).note(`is not known here.${hint} Allowed are ${allowed.join(', ')}`);
  }
}

/** What contradicts itself would be carried out in an order that nobody knows. */
function checkTogether(
  spot: Spot,
  { hold, release }: { readonly hold: SetCommand['hold'] | undefined; readonly release: Named | undefined },
): void {
  if (hold && release && hold.tenant === release.tenant && hold.producer === release.producer)
    spot.at('release').note('names the producer that "hold" names: say one of them');
  if (spot.at('maintenance').given && spot.at('endMaintenance').value === true)
    spot.at('endMaintenance').note('must not stand beside "maintenance": end what is open first');
}

function readOperator(spot: Spot): string | undefined {
  const name = readText(spot, MAX_OPERATOR);
  return name !== undefined && OURS.includes(name.trim().toLowerCase())
    ? spot.note(`must not be ${OURS.join(' or ')}: by those names Weir itself decides`)
    : name;
}

function readReason(spot: Spot): string | undefined {
  const text = readText(spot, MAX_REASON);
  return text?.trim() === '' ? spot.wrong(REASON) : text;
}

function readWhom(spot: Spot, more: readonly string[] = []) {
  if (!spot.given || !spot.hasOnly(['tenant', 'producer', ...more])) return undefined;
  const read = (name: 'tenant' | 'producer') =>
    readNeeded(
      spot.at(name),
      (at) => readText(at, LIMITS.tenant),
      'a name, as "weir producers list" shows it',
    );
  const [tenant, producer] = [read('tenant'), read('producer')];
  return tenant !== undefined && producer !== undefined ? { tenant, producer } : undefined;
}

function readHold(spot: Spot): SetCommand['hold'] {
  const whom = readWhom(spot, ['kind', 'share']);
  if (!spot.isObject) return undefined;
  const kinds = ['suspended', 'over-budget'] as const;
  const kind = readNeeded(spot.at('kind'), (at) => readOneOf(at, kinds), '"suspended" or "over-budget"');
  if (kind === 'suspended' && spot.at('share').given)
    spot.at('share').note('must not stand beside "suspended": all that the producer sends is refused');
  const share = kind === 'over-budget' ? readShare(spot.at('share')) : undefined;
  if (!whom || !kind) return undefined;
  if (kind === 'suspended') return { ...whom, how: { kind } };
  return share === undefined ? undefined : { ...whom, how: { kind, share } };
}

function readShare(spot: Spot): number | undefined {
  const { value } = spot;
  return typeof value === 'number' && value > 0 && value <= 1
    ? value
    : spot.wrong('a number above 0 and at most 1: the share of its events that are not critical to shed');
}

/** From now on, where no `from` is given. */
function readWindow(spot: Spot, now: number): SetCommand['maintenance'] {
  if (!spot.given || !spot.hasOnly(['from', 'to', 'minutes'])) return undefined;
  const [from, to] = [readInstant(spot.at('from')), readInstant(spot.at('to'))];
  const minutes = readWhole(spot.at('minutes'), 1, MAX_MINUTES);
  if (spot.at('to').given === spot.at('minutes').given)
    return spot.note('must have either "to" or "minutes"');
  const startMs = from === undefined ? now : Date.parse(from);
  if (startMs > now + MAX_AHEAD_DAYS * DAY_MS)
    spot.at('from').note(`must be within ${MAX_AHEAD_DAYS} days from now, ${iso(now)}`);
  const endMs = to === undefined ? startMs + (minutes ?? 0) * MINUTE_MS : Date.parse(to);
  const end = spot.at(to === undefined ? 'minutes' : 'to');
  if (endMs <= now) end.note(`lies in the past: it is ${iso(now)} now`);
  else if (endMs <= startMs) end.note('must be later than "from"');
  else if (endMs - startMs > MAX_MINUTES * MINUTE_MS)
    end.note('makes a window of more than 24 hours: nobody would be paged for a day');
  return { from: iso(startMs), to: iso(endMs) };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
