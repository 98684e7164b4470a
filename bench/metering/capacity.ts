import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/**
 * What DynamoDB bills, by AWS's own rules:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html (sizes),
 * …/read-write-operations.html (units, refused conditions, transactions), …/GSI.html (index writes).
 */

export type Item = Readonly<Record<string, AttributeValue>>;

/** How a read is paid for, in units for each 4 KB. */
export const READ_FACTOR = { eventual: 0.5, strong: 1, transactional: 2 } as const;
export type Consistency = keyof typeof READ_FACTOR;

const WRITE_UNIT = 1024;
const READ_UNIT = 4096;
const NESTED_OVERHEAD = 3;
const ELEMENT_OVERHEAD = 1;

/** An item's size: names in UTF-8 and values. */
export function itemBytes(item: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) bytes += Buffer.byteLength(name) + valueBytes(value);
  return bytes;
}

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberBytes(value.N);
  if (value.B !== undefined) return value.B.byteLength;
  if (value.BOOL !== undefined || value.NULL !== undefined) return 1;
  if (value.SS) return sum(value.SS, Buffer.byteLength);
  if (value.NS) return sum(value.NS, numberBytes);
  if (value.BS) return sum(value.BS, ({ byteLength }) => byteLength);
  if (value.L) return NESTED_OVERHEAD + sum(value.L, (inner) => ELEMENT_OVERHEAD + valueBytes(inner));
  const pairs = Object.entries(value.M ?? {});
  return (
    NESTED_OVERHEAD +
    sum(pairs, ([name, inner]) => ELEMENT_OVERHEAD + Buffer.byteLength(name) + valueBytes(inner))
  );
}

/** One byte for two significant digits and one more; zeros before and after don't count. */
function numberBytes(text: string): number {
  const [mantissa = ''] = text.toLowerCase().split('e');
  const digits = mantissa.replace(/[+\-.]/g, '').replace(/^0+|0+$/g, '').length;
  return Math.ceil(digits / 2) + 1 + (text.startsWith('-') ? 1 : 0);
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}

/**
 * Write units of one put, update or delete on the table itself: by the kilobyte of the larger of the item before and
 * after, at least one. The same where a condition refuses the write: `after` is then what was to be written.
 * @param before bytes, 0 where there was no item
 */
export function writeUnits(before: number, after: number): number {
  return Math.max(1, Math.ceil(Math.max(before, after) / WRITE_UNIT));
}

/** Read units of so many bytes read together, at least one 4 KB, also where nothing was found. */
export function readUnits(bytes: number, consistency: Consistency): number {
  return Math.max(1, Math.ceil(bytes / READ_UNIT)) * READ_FACTOR[consistency];
}

/** A transaction prepares and commits: twice the units of its parts, also where it is cancelled. */
export const TRANSACTION_FACTOR = 2;

/** A secondary index: an item is in it if it has all of `keys`; it holds the `projected` attributes alone. */
export interface Index {
  readonly keys: readonly string[];
  readonly projected: readonly string[];
}

/** Write units that a change of an item costs in an index: none where nothing that it holds changes, two where its key does. */
export function indexWriteUnits(index: Index, before: Item | undefined, after: Item | undefined): number {
  const old = projected(index, before);
  const next = projected(index, after);
  if (!old || !next) return old || next ? writeUnits(0, itemBytes((old ?? next)!)) : 0;
  if (JSON.stringify(old) === JSON.stringify(next)) return 0;
  const moved = index.keys.some((key) => JSON.stringify(old[key]) !== JSON.stringify(next[key]));
  const [oldBytes, nextBytes] = [itemBytes(old), itemBytes(next)];
  return moved ? writeUnits(0, oldBytes) + writeUnits(0, nextBytes) : writeUnits(oldBytes, nextBytes);
}

function projected(index: Index, item: Item | undefined): Item | undefined {
  if (!item || index.keys.some((key) => item[key] === undefined)) return undefined;
  return Object.fromEntries(
    index.projected.flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]])),
  );
}
