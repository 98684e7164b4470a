import type { BucketKey } from '../bucket.ts';
import { decodeHead, type Item, type MetersOf } from '../head-item.ts';
import { encodePart, subjectKey } from '../keys.ts';
import type { FoundBucket } from './ports.ts';

/** Sort key of a head that recovery has replaced, kept as the way back. */
export function keptKey(type: string, window: string, epoch: number): string {
  return `H#${encodePart(type)}#${window}#${epoch}`;
}

/** A replaced head as it is kept: not in the arrival index, which would cost a write more and list what is no bucket. */
export function asKept({ touched, ...item }: Item, key: BucketKey, epoch: number): Item {
  return {
    ...item,
    pk: { S: subjectKey(key.tenant, key.subject) },
    sk: { S: keptKey(key.type, key.window, epoch) },
    ...(touched && { touchedThen: touched }),
  };
}

/** Undoes {@link asKept}, but for the key. */
export function fromKept({ touchedThen, ...item }: Item): Item {
  return { ...item, ...(touchedThen && { touched: touchedThen }) };
}

/** A stored head read as far as it can be: it may be what nobody of ours has written. */
export function readFound(item: Item, key: BucketKey, metersOf: MetersOf): FoundBucket {
  const v = versionOf(item);
  try {
    const head = decodeHead(item, key, metersOf);
    return head.v === v ? { item, v, head } : { item, v, damage: 'its version can’t be read' };
  } catch (error) {
    return { item, v, damage: error instanceof Error ? error.message : String(error) };
  }
}

/** Versions rise by one, or begin as a time in ms: a later one can always follow. */
const MOST = 2 ** 52;

function versionOf({ v }: Item): number | undefined {
  const number = v && 'N' in v ? Number(v.N) : Number.NaN;
  return Number.isSafeInteger(number) && number >= 1 && number < MOST ? number : undefined;
}
