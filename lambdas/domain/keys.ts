import type { BucketKey } from './bucket.ts';

/** Keys of the state table: docs/state.md is their contract with billing. */

const ESCAPES: Readonly<Record<string, string>> = { '%': '%25', '#': '%23', '|': '%7C' };

/** Percent-encodes the three characters that have a meaning in keys and group names, and nothing else. */
export function encodePart(part: string): string {
  return /[%#|]/.test(part) ? part.replace(/[%#|]/g, (character) => ESCAPES[character]!) : part;
}

/** Undoes {@link encodePart}. */
export function decodePart(part: string): string {
  return part.includes('%')
    ? part.replace(/%(25|23|7C)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : part;
}

/** Partition key of everything that belongs to one subject. */
export function subjectKey(tenant: string, subject: string): string {
  return `${encodePart(tenant)}#${encodePart(subject)}`;
}

/** Sort key of a bucket's head. `window` as `windowOf` names it, e.g. `2026-11-21T07`. */
export function headKey(type: string, window: string): string {
  return `B#${encodePart(type)}#${window}`;
}

/** The bucket whose head has these keys; undefined where they are not a head's. */
export function bucketOf(pk: string, sk: string): BucketKey | undefined {
  const [tenant, subject, ...more] = pk.split('#');
  const [kind, type, window, ...rest] = sk.split('#');
  if (kind !== 'B' || !tenant || subject === undefined || !type || !window) return undefined;
  if (more.length > 0 || rest.length > 0) return undefined;
  return { tenant: decodePart(tenant), subject: decodePart(subject), type: decodePart(type), window };
}

/** What the sort keys of all pages of one bucket and epoch begin with. */
export function pagePrefix(type: string, window: string, epoch: number): string {
  return `P#${encodePart(type)}#${window}#${epoch}#`;
}

/** Partition of the control table in which everybody stands, by name as sort key, who ever got a producer or a webhook. */
export const TENANTS_KEY = 'TENANTS';

/** The arrival index shares a tenant's month among this many keys, so that no one partition takes all births. */
export const TOUCHED_SLOTS = 16;

/** Partition key in the arrival index: which buckets of a tenant were touched in a month (`YYYY-MM`). */
export function touchedKey(tenant: string, month: string, slot: number): string {
  return `${encodePart(tenant)}#${month}#${slot.toString(16)}`;
}
