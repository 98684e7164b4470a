import { LIMITS } from '../cloudevent.ts';
import type { Aggregate, Meter, Revision } from '../contract.ts';
import type { Spot } from '../spot.ts';
import { readInstant, readNeeded, readOneOf, readText, readWhole } from './read-members.ts';

const MAX_CONTRACTS = 20;
const MAX_REVISIONS = 50;
const MAX_METERS = 20;
const MAX_GROUPS = 1_000;
const DEFAULT_GROUPS = 50;
const MAX_SCALE = 9;
const MAX_UNIT = 64;
const NAME = /^[a-z][A-Za-z0-9_]{0,47}$/;
const POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;
const AGGREGATES: readonly Aggregate[] = ['count', 'sum', 'min', 'max', 'latest', 'unique'];

/** `{"<event type>": …}`. */
function readByType<T>(spot: Spot, what: string, read: (spot: Spot) => T | undefined) {
  if (!spot.given) return undefined;
  const types = spot.isObject ? spot.names() : [];
  const allowed =
    types.length > 0 && types.length <= MAX_CONTRACTS && types.every((type) => type.length <= LIMITS.type);
  if (!allowed) return spot.note(`must be an object of 1 to ${MAX_CONTRACTS} members: event type to ${what}`);
  return Object.fromEntries(
    types.flatMap((type) => {
      const found = read(spot.at(type));
      return found === undefined ? [] : [[type, found] as const];
    }),
  );
}

/** Which revision is to count, by event type. */
export function readRevisionNumbers(spot: Spot): Readonly<Record<string, number>> | undefined {
  return readByType(spot, "the revision's number", (at) => readWhole(at, 1, MAX_REVISIONS));
}

/**
 * Revisions as `contract.json` lists them, with the same defaults. They are not checked against schemas, which are not
 * part of what is asked: an event that they can't measure shows in the preview.
 */
export function readContracts(spot: Spot): Readonly<Record<string, readonly Revision[]>> | undefined {
  return readByType(spot, 'its list of revisions, as in contract.json', (at) => {
    const revisions = at.elements(MAX_REVISIONS, 'revisions').map(readRevision);
    return revisions.includes(undefined) ? undefined : (revisions as readonly Revision[]);
  });
}

function readRevision(spot: Spot, index: number): Revision | undefined {
  if (!spot.hasOnly(['from', 'replaces', 'meters', 'description'], 'a revision')) return undefined;
  const from = readNeeded(spot.at('from'), readInstant, 'a time such as 2026-01-01T00:00:00Z');
  const replaces = spot.at('replaces').given ? readReplaced(spot.at('replaces'), index) : undefined;
  const written = spot.at('meters').elements(MAX_METERS, 'meters');
  const meters = written.map(readMeter);
  const names = written.map((meter) => meter.at('name').value);
  for (const [at, name] of names.entries())
    if (names.indexOf(name) < at) written[at]!.at('name').note('is the name of a meter before it too');
  if (from === undefined || meters.length === 0 || meters.includes(undefined)) return undefined;
  return { from, ...(replaces !== undefined && { replaces }), meters: meters as readonly Meter[] };
}

function readReplaced(spot: Spot, index: number): number | undefined {
  return index === 0 ? spot.note('is not for the first revision') : readWhole(spot, 1, index);
}

function readMeter(spot: Spot): Meter | undefined {
  const members = ['name', 'aggregate', 'value', 'scale', 'unit', 'groupBy', 'maxGroups', 'description'];
  if (!spot.hasOnly(members, 'a meter')) return undefined;
  const name = spot.at('name');
  if (typeof name.value !== 'string' || !NAME.test(name.value))
    name.wrong('a lower-case letter, then at most 47 letters, digits and _');
  const aggregate = readNeeded(
    spot.at('aggregate'),
    (at) => readOneOf(at, AGGREGATES),
    AGGREGATES.join(', '),
  );
  const value = readValue(spot, aggregate);
  const scale = readWhole(spot.at('scale'), 0, MAX_SCALE) ?? 0;
  const unit = readText(spot.at('unit'), MAX_UNIT) ?? '1';
  const groupBy = readGroupBy(spot.at('groupBy'));
  const groups = readWhole(spot.at('maxGroups'), 1, MAX_GROUPS);
  if (aggregate === undefined) return undefined;
  return {
    name: name.value as string,
    aggregate,
    ...(value !== undefined && { value }),
    scale: aggregate === 'count' || aggregate === 'unique' ? 0 : scale,
    unit,
    ...(groupBy && { groupBy }),
    maxGroups: groupBy ? (groups ?? DEFAULT_GROUPS) : 1,
  };
}

function readValue(spot: Spot, aggregate: Aggregate | undefined): string | undefined {
  const value = spot.at('value');
  if (aggregate === 'count')
    return value.given ? value.note('is not for "count", which counts events') : undefined;
  if (aggregate === undefined) return undefined;
  return readPlace(value);
}

function readPlace(spot: Spot): string | undefined {
  const { value } = spot;
  return typeof value === 'string' && POINTER.test(value)
    ? value
    : spot.wrong('a JSON Pointer into the data, such as /bytes (RFC 6901)');
}

function readGroupBy(spot: Spot): Readonly<Record<string, string>> | undefined {
  if (!spot.given) return undefined;
  const names = spot.isObject ? spot.names() : [];
  if (names.length === 0 || names.length > 8 || !names.every((name) => NAME.test(name)))
    return spot.note('must be an object of 1 to 8 members: name of the dimension to its JSON Pointer');
  return Object.fromEntries(
    names.flatMap((name) => {
      const place = readPlace(spot.at(name));
      return place === undefined ? [] : [[name, place] as const];
    }),
  );
}
