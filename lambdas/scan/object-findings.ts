import type { Few, ManifestEntry } from '../domain/manifest.ts';
import { canonicalJson } from '../domain/recovery/canonical-json.ts';
import type { Finding, ObjectRef } from '../domain/recovery/run.ts';
import type { Damage } from '../platform/open-object.ts';

/** An object that can't be relied upon, with what its manifest entry knows of what it held. */
export function damageFinding(damage: Damage, object: ObjectRef, entry: ManifestEntry | undefined): Finding {
  const { shardId, first, last, key, versionId, records, events } = object;
  return {
    kind: damage.kind,
    where: `${shardId} ${first}–${last}`,
    detail: `${key}: ${damage.detail}. It held ${records} records with ${events} events${entry ? heldOf(entry) : ''}`,
    action:
      `Look for the object's other versions and delete markers (its entry names version ${versionId}), and for copies ` +
      'outside this bucket. What state has counted of it stands; it can’t be proved any more, nor be rebuilt',
  };
}

/** An object that is intact, with records that this build can't read, and another may. */
export function unreadFinding(records: number, { shardId, first, last, key }: ObjectRef): Finding {
  return {
    kind: 'records-unread',
    where: `${shardId} ${first}–${last}`,
    detail: `${key}: ${records} of its records look like Weir's and are in a form that this build does not know`,
    action:
      'Deploy the build that wrote them, or a later one, and begin a new run. Until then nothing is taken out of state ' +
      'that they may have brought',
  };
}

function heldOf({ arrived, times, tenants, types }: ManifestEntry): string {
  const ofTimes = times ? `, of times ${times.from} to ${times.to}` : '';
  return `, arrived ${arrived.from} to ${arrived.to}, of tenants ${list(tenants)}, types ${list(types)}${ofTimes}`;
}

function list(few: Few): string {
  return few === 'many' ? few : few.join(', ') || 'none';
}

/** What the chain does not cover of an entry, and recovery chooses objects by. */
const DESCRIBED = [
  ...(['records', 'events', 'bytes', 'arrived', 'times'] as const),
  ...(['tenants', 'types', 'fingerprints', 'mark'] as const),
];

/** An entry that describes its object wrongly: recovery would leave out the object where it matters. */
export function entryFinding(entry: ManifestEntry, found: Partial<ManifestEntry>): Finding | undefined {
  const wrong = DESCRIBED.filter((name) => canonicalJson(entry[name]) !== canonicalJson(found[name]));
  if (wrong.length === 0) return undefined;
  return {
    kind: 'entry-differs',
    where: `${entry.shardId} ${entry.first}–${entry.last}`,
    detail: wrong
      .map((name) => `its ${name} is ${text(entry[name])}, and the object’s ${text(found[name])}`)
      .join('; ')
      .slice(0, MAX_DETAIL),
    action:
      'The object is intact, its manifest entry was changed: find out who wrote to the control table, and put the ' +
      'object’s values back. Until then recovery may leave this object out',
  };
}

const MAX_DETAIL = 2_000;

function text(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
