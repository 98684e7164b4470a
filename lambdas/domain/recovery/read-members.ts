import { LIMITS } from '../cloudevent.ts';
import { parseInstant } from '../instant.ts';
import { compareSequences } from '../log-record.ts';
import type { Spot } from '../spot.ts';
import type { PatchOperation, ReplayRequest } from './request.ts';

/** Readers of a request's members. Each notes what is wrong at its spot and gives undefined for it. */

const MAX_REASON = 1_000;
const MAX_TYPES = 50;
const MAX_IDS = 1_000;
const MAX_OPERATIONS = 100;
const MAX_POINTER = 512;
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;
const REQUEST_ID = /^[A-Za-z0-9_-]{1,64}$/;
const SHARD_ID = /^[A-Za-z0-9_.-]{1,128}$/;
const SEQUENCE = /^\d{1,128}$/;
const FINGERPRINT = /^[0-9a-f]{32}$/;
const POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;

export function readText(spot: Spot, max: number): string | undefined {
  const { value } = spot;
  if (!spot.given) return undefined;
  const fits = typeof value === 'string' && value.length > 0 && value.length <= max && !FORBIDDEN.test(value);
  return fits ? value : spot.wrong(`a text of 1 to ${max} characters, none of them a control character`);
}

/** A member that there must be. */
export function readNeeded<T>(
  spot: Spot,
  read: (spot: Spot) => T | undefined,
  allowed: string,
): T | undefined {
  return spot.given ? read(spot) : spot.note(`is missing: it must be ${allowed}`);
}

/** Line breaks and tabs are welcome in a reason. */
export function readReason(spot: Spot): string | undefined {
  const { value } = spot;
  const fits =
    typeof value === 'string' &&
    value.trim() !== '' &&
    value.length <= MAX_REASON &&
    !FORBIDDEN.test(value.replace(/[\n\r\t]/g, ' '));
  return fits ? value : spot.wrong(`a text of 1 to ${MAX_REASON} characters that says why, for the audit`);
}

export function readRequestId(spot: Spot): string | undefined {
  const { value } = spot;
  return typeof value === 'string' && REQUEST_ID.test(value)
    ? value
    : spot.wrong('a name for the run of 1 to 64 letters, digits, "-" and "_"');
}

export function readFlag(spot: Spot): boolean | undefined {
  if (!spot.given) return undefined;
  return typeof spot.value === 'boolean' ? spot.value : spot.wrong('true or false (without quotes)');
}

export function readWhole(spot: Spot, least: number, most: number): number | undefined {
  const { value } = spot;
  if (!spot.given) return undefined;
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most
    ? (value as number)
    : spot.wrong(`a whole number from ${least} to ${most}`);
}

export function readOneOf<T extends string>(spot: Spot, allowed: readonly T[]): T | undefined {
  if (!spot.given) return undefined;
  return (
    allowed.find((one) => one === spot.value) ?? spot.wrong(allowed.map((one) => `"${one}"`).join(' or '))
  );
}

/** Gives it with milliseconds, as the archive's manifest has its times, so that they compare as texts. */
export function readInstant(spot: Spot): string | undefined {
  if (!spot.given) return undefined;
  const { value } = spot;
  const instant = typeof value === 'string' ? parseInstant(value) : undefined;
  const text = instant && new Date(instant.ms).toISOString();
  // Decimals beyond milliseconds would be cut off, and the range be another than what was asked for.
  if (text !== undefined && parseInstant(text)!.text === instant!.text) return text;
  return spot.wrong('a time such as 2026-11-21T07:00:00Z (RFC 3339, at most milliseconds)');
}

function readTexts(spot: Spot, most: number, what: string, max: number): readonly string[] | undefined {
  if (!spot.given) return undefined;
  const texts = spot.elements(most, what).map((element) => readText(element, max));
  if (texts.length === 0 || texts.includes(undefined)) return undefined;
  return [...new Set(texts as readonly string[])];
}

export const readTypes = (spot: Spot) => readTexts(spot, MAX_TYPES, 'event types', LIMITS.type);
export const readIds = (spot: Spot) => readTexts(spot, MAX_IDS, 'CloudEvents ids', LIMITS.id);

export function readFingerprint(spot: Spot): string | undefined {
  const { value } = spot;
  if (typeof value === 'string' && FINGERPRINT.test(value)) return value;
  return spot.wrong('a fingerprint: 32 digits and letters a to f, as "weir quarantine list" shows them');
}

export function readShard(spot: Spot): ReplayRequest['shard'] | undefined {
  if (!spot.given || !spot.hasOnly(['shardId', 'first', 'last'])) return undefined;
  const shardId = readMatching(spot.at('shardId'), SHARD_ID, 'a shard such as shardId-000000000000');
  const [first, last] = (['first', 'last'] as const).map((name) =>
    spot.at(name).given ? readMatching(spot.at(name), SEQUENCE, 'a sequence number, as text') : undefined,
  );
  if (first !== undefined && last !== undefined && compareSequences(trimmed(first), trimmed(last)) > 0)
    spot.at('last').note('must not be less than "first"');
  if (shardId === undefined) return undefined;
  return { shardId, ...(first !== undefined && { first }), ...(last !== undefined && { last }) };
}

function trimmed(sequence: string): string {
  return sequence.replace(/^0+(?=\d)/, '');
}

function readMatching(spot: Spot, pattern: RegExp, allowed: string): string | undefined {
  return typeof spot.value === 'string' && pattern.test(spot.value) ? spot.value : spot.wrong(allowed);
}

export function readPatch(spot: Spot): readonly PatchOperation[] | undefined {
  if (!spot.given) return undefined;
  return spot
    .elements(MAX_OPERATIONS, 'operations (RFC 6902)')
    .map(readOperation) as readonly PatchOperation[];
}

/** Never quotes a `value`: it may be what makes an event right, and so somebody's data. */
function readOperation(spot: Spot): PatchOperation | undefined {
  if (!spot.isObject)
    return spot.note('must be an operation such as {"op": "remove", "path": "/data/extra"}');
  const op = readNeeded(
    spot.at('op'),
    (at) => readOneOf(at, ['add', 'remove', 'replace', 'move', 'copy', 'test'] as const),
    'add, remove, replace, move, copy or test',
  );
  if (op === undefined) return undefined;
  const takesFrom = op === 'move' || op === 'copy';
  const takesValue = op !== 'remove' && !takesFrom;
  spot.hasOnly(['op', 'path', ...(takesFrom ? ['from'] : []), ...(takesValue ? ['value'] : [])]);
  const path = readPointer(spot.at('path'));
  const from = takesFrom ? readPointer(spot.at('from')) : undefined;
  if (takesValue && !spot.at('value').given) spot.at('value').note(`is missing: "${op}" needs one`);
  if (path === undefined) return undefined;
  const value = takesValue && { value: spot.at('value').value };
  return { op, path, ...(from !== undefined && { from }), ...value };
}

function readPointer(spot: Spot): string | undefined {
  const { value } = spot;
  if (typeof value === 'string' && value.length <= MAX_POINTER && POINTER.test(value)) return value;
  return spot.wrong('a JSON Pointer into the event, such as /data/bytes (RFC 6901)');
}
