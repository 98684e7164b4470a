import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Few, ManifestEntry, ManifestHead, TimeRange } from '../domain/manifest.ts';
import type { ArchivedShard } from '../domain/recovery/ports.ts';

type Item = Record<string, AttributeValue>;

/** Digits to which sequence numbers in keys are padded, so that they sort as numbers. Kinesis' have some 56. */
const SEQUENCE_DIGITS = 64;

/** Partition of the list of shards that have a manifest. */
export const MANIFESTS = 'MANIFESTS';

export function manifestKey(shardId: string): string {
  return `MANIFEST#${shardId}`;
}

export function entryKey(firstSequence: string): string {
  return `O#${firstSequence.padStart(SEQUENCE_DIGITS, '0')}`;
}

/** Sorts after all keys of entries, and before anything else. */
export const AFTER_ENTRIES = 'O$';

export function headKeyOf(shardId: string): Item {
  return { pk: { S: manifestKey(shardId) }, sk: { S: 'HEAD' } };
}

export function encodeHead(head: ManifestHead): Item {
  return {
    ...headKeyOf(head.shardId),
    last: { S: head.last },
    chain: { S: head.chain },
    objects: { N: String(head.objects) },
    records: { N: String(head.records) },
    events: { N: String(head.events) },
    bytes: { N: String(head.bytes) },
    ...(head.mark !== undefined && { mark: { S: head.mark } }),
  };
}

export function decodeHead(shardId: string, item: Item): ManifestHead {
  const mark = item.mark?.S;
  return {
    shardId,
    last: item.last?.S ?? '0',
    chain: item.chain?.S ?? '',
    objects: Number(item.objects?.N),
    records: Number(item.records?.N),
    events: Number(item.events?.N),
    bytes: Number(item.bytes?.N),
    ...(mark !== undefined && { mark }),
  };
}

export function encodeEntry(entry: ManifestEntry): Item {
  return {
    pk: { S: manifestKey(entry.shardId) },
    sk: { S: entryKey(entry.first) },
    key: { S: entry.key },
    first: { S: entry.first },
    last: { S: entry.last },
    records: { N: String(entry.records) },
    events: { N: String(entry.events) },
    bytes: { N: String(entry.bytes) },
    sha256: { S: entry.sha256 },
    versionId: { S: entry.versionId },
    chain: { S: entry.chain },
    arrived: { L: [{ S: entry.arrived.from }, { S: entry.arrived.to }] },
    tenants: encodeFew(entry.tenants),
    types: encodeFew(entry.types),
    fingerprints: encodeFew(entry.fingerprints),
    ...(entry.times && { times: { L: [{ S: entry.times.from }, { S: entry.times.to }] } }),
    ...(entry.mark !== undefined && { mark: { S: entry.mark } }),
  };
}

/** Undoes {@link encodeEntry}. What is missing reads as empty, and then fails the chain: verify tells. */
export function decodeEntry(shardId: string, item: Item): ManifestEntry {
  const mark = item.mark?.S;
  const times = item.times && decodeRange(item.times);
  return {
    shardId,
    key: item.key?.S ?? '',
    first: item.first?.S ?? '0',
    last: item.last?.S ?? '0',
    records: Number(item.records?.N),
    events: Number(item.events?.N),
    bytes: Number(item.bytes?.N),
    sha256: item.sha256?.S ?? '',
    versionId: item.versionId?.S ?? '',
    chain: item.chain?.S ?? '',
    arrived: decodeRange(item.arrived),
    tenants: decodeFew(item.tenants),
    types: decodeFew(item.types),
    fingerprints: decodeFew(item.fingerprints),
    ...(times && { times }),
    ...(mark !== undefined && { mark }),
  };
}

export function encodeShard({ shardId, parents }: ArchivedShard): Item {
  return {
    pk: { S: MANIFESTS },
    sk: { S: shardId },
    parents: { L: parents.map((parent) => ({ S: parent })) },
  };
}

export function decodeShard(item: Item): ArchivedShard {
  return { shardId: item.sk?.S ?? '', parents: texts(item.parents) };
}

function encodeFew(few: Few): AttributeValue {
  return few === 'many' ? { S: few } : { L: few.map((value) => ({ S: value })) };
}

/** What can't be read may be anything, so that nothing is left out for it. */
function decodeFew(value: AttributeValue | undefined): Few {
  return value?.L ? texts(value) : 'many';
}

function decodeRange(value: AttributeValue | undefined): TimeRange {
  const [from = '', to = ''] = texts(value);
  return { from, to };
}

function texts(value: AttributeValue | undefined): string[] {
  return (value?.L ?? []).map(({ S = '' }) => S);
}
