import type { Aggregated, Bucket, BucketKey, ByMeter, Page } from './bucket.ts';
import { type Meter, scaleOf } from './contract.ts';
import { formatUnits } from './decimal.ts';
import { type Digest, digestFromHex, digestToHex } from './digest.ts';
import { ENTRY_BYTES } from './identity.ts';
import { headKey, pagePrefix, subjectKey } from './keys.ts';

/** A DynamoDB attribute value, as far as state uses them. */
export type Attribute =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: Uint8Array }
  | { readonly M: Readonly<Record<string, Attribute>> };
export type Item = Readonly<Record<string, Attribute>>;

/** A bucket as stored: with its version, and what only storage needs. */
export interface Head {
  readonly key: BucketKey;
  /** Version: rises by one at each write, never repeats, whatever the epoch. */
  readonly v: number;
  readonly bucket: Bucket;
  /** Shard and sequence number of the last record counted. Information only. */
  readonly upTo: string;
  /** Partition key in the arrival index. */
  readonly touched: string;
}

/** The meters of the revision that a bucket is counted by; decoding needs their scales. */
export type MetersOf = (type: string, revision: number) => readonly Meter[];

/** The head as an item of the state table: docs/state.md. */
export function encodeHead(head: Head, meters: readonly Meter[]): Item {
  const { bucket, key } = head;
  const latest = mapMeters(bucket.meters, (aggregated) =>
    aggregated.of === undefined ? undefined : { S: aggregated.of },
  );
  const openValues = mapMeters(bucket.openValues, (hashes) =>
    hashes.length > 0 ? { B: hashes } : undefined,
  );
  const scales = new Map(meters.map((meter) => [meter.name, scaleOf(meter)]));
  return {
    pk: { S: subjectKey(key.tenant, key.subject) },
    sk: { S: headKey(key.type, key.window) },
    v: { N: String(head.v) },
    epoch: { N: String(bucket.epoch) },
    revision: { N: String(bucket.revision) },
    n: { N: String(bucket.n) },
    m: {
      M:
        mapMeters(bucket.meters, (aggregated, meter) => ({
          N: formatUnits(aggregated.units, scales.get(meter) ?? 0),
        })) ?? {},
    },
    digest: { S: digestToHex(bucket.digest) },
    first: { S: bucket.first },
    last: { S: bucket.last },
    upTo: { S: head.upTo },
    touched: { S: head.touched },
    ...(bucket.open.length > 0 && { ids: { B: bucket.open } }),
    ...(bucket.tail !== undefined && { tail: { S: bucket.tail } }),
    ...(latest && { lt: { M: latest } }),
    ...(openValues && { values: { M: openValues } }),
  };
}

/** Undoes {@link encodeHead}. @throws StateFormatError naming the item and the attribute that can't be read. */
export function decodeHead(item: Item, key: BucketKey, metersOf: MetersOf): Head {
  const revision = whole(item, 'revision');
  const scales = new Map(metersOf(key.type, revision).map((meter) => [meter.name, scaleOf(meter)]));
  const latest = mapOf(item, 'lt');
  const meters = readMeters(mapOf(item, 'm'), (value, meter, group): Aggregated => {
    const units = 'N' in value ? toUnitsOfSum(value.N, scales.get(meter) ?? 0) : undefined;
    if (units === undefined) throw new StateFormatError(item, `m.${meter}`);
    const of = latest[meter];
    const owner = of && 'M' in of ? of.M[group] : undefined;
    return owner && 'S' in owner ? { units, of: owner.S } : { units };
  });
  return {
    key,
    v: whole(item, 'v'),
    upTo: text(item, 'upTo', 'S'),
    touched: text(item, 'touched', 'S'),
    bucket: {
      epoch: whole(item, 'epoch'),
      revision,
      n: whole(item, 'n'),
      meters,
      digest: digestOf(item),
      first: text(item, 'first', 'S'),
      last: text(item, 'last', 'S'),
      open: item.ids ? entriesIn(item, 'ids', item.ids) : Buffer.alloc(0),
      openValues: readMeters(mapOf(item, 'values'), valuesIn(item)),
      ...(item.tail && 'S' in item.tail && { tail: item.tail.S }),
    },
  };
}

/** A sealed page as an item of the state table. */
export function encodePage(key: BucketKey, page: Page): Item {
  const values = mapMeters(page.values, (hashes) => (hashes.length > 0 ? { B: hashes } : undefined));
  return {
    pk: { S: subjectKey(key.tenant, key.subject) },
    sk: { S: page.key },
    ids: { B: page.ids },
    ...(page.prev !== undefined && { prev: { S: page.prev } }),
    ...(values && { values: { M: values } }),
  };
}

/** Undoes {@link encodePage}. @throws StateFormatError */
export function decodePage(item: Item): Page {
  return {
    key: text(item, 'sk', 'S'),
    ids: entriesIn(item, 'ids', item.ids),
    values: readMeters(mapOf(item, 'values'), valuesIn(item)),
    ...(item.prev && 'S' in item.prev && { prev: item.prev.S }),
  };
}

/** A fresh page key; `random` is lower-case hex, so that no two writers ever choose the same. */
export function newPageKey(key: BucketKey, epoch: number, random: string): string {
  return `${pagePrefix(key.type, key.window, epoch)}${random}`;
}

/** An item that is not what this code writes. */
export class StateFormatError extends Error {
  override readonly name = 'StateFormatError';
  constructor(item: Item, attribute: string) {
    const at = [item.pk, item.sk].map((part) => (part && 'S' in part ? part.S : '?')).join(' ');
    super(`state item ${at}: attribute "${attribute}" is missing or malformed; docs/state.md describes it`);
  }
}

const MAP_OVERHEAD = 3;

/**
 * Bytes that DynamoDB bills for an item: names and values, 3 bytes a map and 1 a pair in it, numbers by two digits a
 * byte and one more (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html).
 */
export function itemBytes(item: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) bytes += Buffer.byteLength(name) + attributeBytes(value);
  return bytes;
}

function attributeBytes(value: Attribute): number {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('B' in value) return value.B.byteLength;
  if ('N' in value) return numberBytes(value.N);
  let bytes = MAP_OVERHEAD;
  for (const [name, inner] of Object.entries(value.M))
    bytes += 1 + Buffer.byteLength(name) + attributeBytes(inner);
  return bytes;
}

function numberBytes(number: string): number {
  const digits = number.replace(/[-.]/g, '').replace(/^0+|0+$/g, '').length;
  return Math.ceil(digits / 2) + 1 + (number.startsWith('-') ? 1 : 0);
}

/** Units of a stored aggregate; sums may be larger than what one event may bring. DynamoDB may write `1E+2`. */
export function toUnitsOfSum(number: string, scale: number): bigint | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(number);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const digits = (whole + fraction).replace(/0+$/, '');
  const places = scale + Number(exponent) + whole.length - digits.length;
  if (digits === '') return 0n;
  if (places < 0) return undefined;
  const units = BigInt(digits + '0'.repeat(places));
  return sign ? -units : units;
}

function text(item: Item, name: string, kind: 'S' | 'N'): string {
  const value = item[name] as { S?: string; N?: string } | undefined;
  const found = value?.[kind];
  if (found === undefined) throw new StateFormatError(item, name);
  return found;
}

/** A number of something that there is at least one of, or of events, of which there may be none. */
function whole(item: Item, name: 'v' | 'epoch' | 'revision' | 'n'): number {
  const number = Number(text(item, name, 'N'));
  if (!Number.isSafeInteger(number) || number < (name === 'n' ? 0 : 1))
    throw new StateFormatError(item, name);
  return number;
}

function digestOf(item: Item): Digest {
  try {
    return digestFromHex(text(item, 'digest', 'S'));
  } catch {
    throw new StateFormatError(item, 'digest');
  }
}

function mapOf(item: Item, name: string): Readonly<Record<string, Attribute>> {
  const value = item[name];
  return value && 'M' in value ? value.M : {};
}

/** A run of whole entries: of half a one, the rest would be read as others. */
function entriesIn(item: Item, name: string, value: Attribute | undefined): Buffer {
  if (!value || !('B' in value) || value.B.byteLength % ENTRY_BYTES !== 0)
    throw new StateFormatError(item, name);
  return Buffer.from(value.B.buffer, value.B.byteOffset, value.B.byteLength);
}

const valuesIn = (item: Item) => (value: Attribute, meter: string, group: string) =>
  entriesIn(item, `values.${meter}.${group}`, value);

function mapMeters<T>(
  byMeter: ByMeter<T>,
  encode: (value: T, meter: string) => Attribute | undefined,
): Record<string, Attribute> | undefined {
  const meters: Record<string, Attribute> = {};
  for (const [meter, groups] of byMeter) {
    const encoded: Record<string, Attribute> = {};
    for (const [group, value] of groups) {
      const attribute = encode(value, meter);
      if (attribute) encoded[group] = attribute;
    }
    if (Object.keys(encoded).length > 0) meters[meter] = { M: encoded };
  }
  return Object.keys(meters).length > 0 ? meters : undefined;
}

function readMeters<T>(
  meters: Readonly<Record<string, Attribute>>,
  decode: (value: Attribute, meter: string, group: string) => T,
): Map<string, Map<string, T>> {
  return new Map(
    Object.entries(meters).map(([meter, groups]) => [
      meter,
      new Map(
        Object.entries('M' in groups ? groups.M : {}).map(([group, value]) => [
          group,
          decode(value, meter, group),
        ]),
      ),
    ]),
  );
}
