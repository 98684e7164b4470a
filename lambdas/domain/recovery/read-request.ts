import { boundedPointer } from '../check-event.ts';
import { LIMITS } from '../cloudevent.ts';
import { findFlaw } from '../read-json.ts';
import { type Mistake, Spot } from '../spot.ts';
import { nearest } from './nearest.ts';
import * as read from './read-members.ts';
import { readContracts, readRevisionNumbers } from './read-revisions.ts';
import type { RunCommand, RunRequest, Verb } from './request.ts';

/** Longest request as JSON: with plan and result, it has to fit an item of the control table. */
const MAX_REQUEST = 100_000;
const MAX_MISTAKES = 20;
const DEFAULT_RATE = 500;
const MAX_RATE = 50_000;
const DEFAULT_LAG_SECONDS = 30;
const [MIN_LAG_SECONDS, MAX_LAG_SECONDS] = [5, 3_600];
const OPERATOR = 'a text of 1 to 128 characters that says who asks, for the audit';
const COMMANDS = ['resume', 'cancel'] as const;

const ASKED = ['verb', 'requestId', 'operator', 'reason', 'dryRun', 'restore'];
const RANGE = ['from', 'to'];
const WHOSE = ['tenant', 'subject', 'types'];
const PACE = ['rate', 'maxLagSeconds'];
const HELD = ['tenant', 'fingerprint', 'patch'];
/** What may stand in a request, by verb. */
const MEMBERS: Readonly<Record<Verb, readonly string[]>> = {
  replay: [...ASKED, ...RANGE, ...WHOSE, 'ids', 'shard', ...PACE],
  reconcile: [...ASKED, ...RANGE, ...WHOSE, 'repair', 'identities', ...PACE],
  preview: [...ASKED, ...RANGE, ...WHOSE, 'revisions', 'contracts'],
  rebuild: [...ASKED, ...RANGE, ...WHOSE, 'revisions', 'undo', ...PACE],
  redrive: [...ASKED, ...RANGE, ...HELD, 'queue', ...PACE],
  verify: [...ASKED, ...RANGE, 'certificate'],
};
const VERBS = Object.keys(MEMBERS) as Verb[];

/** What an operator asked can't be read. The message has a line for each mistake and says what would be right. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    const lines = mistakes
      .slice(0, MAX_MISTAKES)
      .map(({ place, problem }) => `${boundedPointer(place) || 'the request'} ${problem}`);
    const more = mistakes.length > MAX_MISTAKES ? [`and ${mistakes.length - MAX_MISTAKES} more`] : [];
    super(
      [
        'Nothing was started. What was asked is not right:',
        ...lines,
        ...more,
        'Examples: docs/recovery.md',
      ].join('\n'),
    );
    this.mistakes = mistakes;
  }
}

/**
 * What an operator asks, with every default filled in, and times with milliseconds. A member that nobody knows is a
 * mistake: misspelt and passed over, it would have another run started than was meant.
 * @param json as `JSON.parse` gives it
 * @param now ms since the epoch
 * @throws RequestError that lists every mistake
 */
export function readRequest(json: unknown, now: number): RunRequest | RunCommand {
  const spot = new Spot(json);
  const asked = isReadable(spot)
    ? spot.at('command').given
      ? readCommand(spot)
      : readRun(spot, now)
    : undefined;
  if (spot.mistakes.length > 0 || !asked) throw new RequestError(spot.mistakes);
  return asked;
}

function isReadable(spot: Spot): boolean {
  if (!spot.isObject) {
    spot.note(`must be a JSON object such as {"verb": "verify", …}: verbs are ${VERBS.join(', ')}`);
    return false;
  }
  const flaw = findFlaw(spot.value, true);
  if (flaw) spot.note(`can't be taken: ${flaw.kind} at ${boundedPointer(flaw.pointer)}`);
  else if (JSON.stringify(spot.value).length > MAX_REQUEST)
    spot.note(`is too long: at most ${MAX_REQUEST} characters are taken`);
  return spot.mistakes.length === 0;
}

function readCommand(spot: Spot): RunCommand | undefined {
  takeOnly(spot, ['command', 'requestId', 'operator', 'reason']);
  const command = read.readOneOf(spot.at('command'), COMMANDS);
  const asked = readAsker(spot);
  return command === undefined ? undefined : ({ command, ...asked } as RunCommand);
}

function readAsker(spot: Spot) {
  return {
    requestId: read.readRequestId(spot.at('requestId')),
    operator: read.readNeeded(spot.at('operator'), (at) => read.readText(at, 128), OPERATOR),
    reason: read.readReason(spot.at('reason')),
  };
}

function readRun(spot: Spot, now: number): RunRequest | undefined {
  const verb = VERBS.find((one) => one === spot.at('verb').value);
  if (verb) takeOnly(spot, MEMBERS[verb]);
  else
    read.readNeeded(
      spot.at('verb'),
      (at) => at.wrong(`one of ${VERBS.join(', ')}`),
      `one of ${VERBS.join(', ')}; or give a "command": ${COMMANDS.join(' or ')}`,
    );
  const asked = {
    verb,
    ...readAsker(spot),
    dryRun: read.readFlag(spot.at('dryRun')) ?? false,
    restore: read.readOneOf(spot.at('restore'), ['standard', 'bulk'] as const),
  };
  if (!verb) return undefined;
  const members = { ...asked, ...readRange(spot, now), ...readPace(spot, verb), ...READERS[verb](spot) };
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as unknown as RunRequest;
}

function takeOnly(spot: Spot, allowed: readonly string[]): void {
  for (const name of spot.names().filter((one) => !allowed.includes(one))) {
    const meant = nearest(name, allowed);
    const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
    spot.at(name).note(`is not known here.${hint} Allowed are ${allowed.join(', ')}`);
  }
}

function readRange(spot: Spot, now: number) {
  const [from, to] = [read.readInstant(spot.at('from')), read.readInstant(spot.at('to'))];
  if (from !== undefined && Date.parse(from) > now)
    spot.at('from').note(`lies in the future: it is ${new Date(now).toISOString()} now`);
  if (from !== undefined && to !== undefined && from >= to) spot.at('to').note('must be later than "from"');
  return { from, to };
}

function readWhose(spot: Spot) {
  const tenant = read.readText(spot.at('tenant'), LIMITS.tenant);
  const subject = read.readText(spot.at('subject'), LIMITS.subject);
  if (spot.at('subject').given && !spot.at('tenant').given)
    spot.at('tenant').note('is missing: a subject is one of a tenant');
  return { tenant, subject, types: read.readTypes(spot.at('types')) };
}

function readPace(spot: Spot, verb: Verb) {
  if (!MEMBERS[verb].includes('rate')) return {};
  const lag = read.readWhole(spot.at('maxLagSeconds'), MIN_LAG_SECONDS, MAX_LAG_SECONDS);
  return {
    rate: read.readWhole(spot.at('rate'), 1, MAX_RATE) ?? DEFAULT_RATE,
    maxLagSeconds: lag ?? DEFAULT_LAG_SECONDS,
  };
}

/** What only one verb takes. */
const READERS: Readonly<Record<Verb, (spot: Spot) => object>> = {
  replay: (spot) => {
    const [ids, shard] = [read.readIds(spot.at('ids')), read.readShard(spot.at('shard'))];
    if (!['from', 'to', 'ids', 'shard'].some((name) => spot.at(name).given))
      spot.note('must say what to replay: a range ("from", "to"), "ids" or a "shard"');
    return { ...readWhose(spot), ids, shard };
  },
  reconcile: (spot) => {
    const repair = read.readFlag(spot.at('repair')) ?? false;
    const identities = read.readFlag(spot.at('identities')) ?? false;
    if (repair && identities)
      spot
        .at('repair')
        .note('must be false with "identities", which only looks: which bucket is right, nobody can tell');
    return { ...readWhose(spot), repair, identities };
  },
  preview: (spot) => {
    const revisions = readRevisionNumbers(spot.at('revisions'));
    const contracts = readContracts(spot.at('contracts'));
    for (const [type, number] of Object.entries(revisions ?? {})) {
      const most = contracts && Object.hasOwn(contracts, type) ? contracts[type]!.length : number;
      if (number > most)
        spot.at('revisions').at(type).note(`must be at most ${most}: "contracts" has no more`);
    }
    return { ...readWhose(spot), revisions, contracts };
  },
  rebuild: (spot) => {
    const undo = spot.at('undo').given ? read.readRequestId(spot.at('undo')) : undefined;
    if (undo !== undefined) {
      if (undo === spot.at('requestId').value)
        spot.at('undo').note('must be the id of the rebuild that is to be undone, not that of this run');
      for (const name of [...RANGE, ...WHOSE, 'revisions'].filter((one) => spot.at(one).given))
        spot.at(name).note('must not be given with "undo": the run that is undone says which buckets');
    }
    return { ...readWhose(spot), revisions: readRevisionNumbers(spot.at('revisions')), undo };
  },
  redrive: (spot) => {
    const queue = read.readOneOf(spot.at('queue'), ['webhooks'] as const);
    if (spot.at('queue').given) {
      for (const name of [...HELD, ...RANGE].filter((one) => spot.at(one).given))
        spot.at(name).note('must not be given with "queue": all that is in the queue goes back');
      return { queue };
    }
    const allowed = 'whose quarantine is to be sent again; or give "queue": "webhooks"';
    return {
      tenant: read.readNeeded(
        spot.at('tenant'),
        (at) => read.readText(at, LIMITS.tenant),
        `the tenant ${allowed}`,
      ),
      fingerprint: read.readFingerprint(spot.at('fingerprint')),
      // It may hold parts of events.
      patch: read.readPatch(spot.at('patch').discreet()),
    };
  },
  verify: (spot) => ({ certificate: read.readFlag(spot.at('certificate')) ?? false }),
};
