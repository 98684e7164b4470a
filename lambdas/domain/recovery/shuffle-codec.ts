import type { BucketKey } from '../bucket.ts';
import { hashParts } from '../identity.ts';
import type { ShuffleLine } from './shuffle.ts';

/**
 * Shuffle lines as text: one JSON array a line, the first element says what it is. Keys and objects stand in a table of
 * the segment: `["k",…]` and `["o",…]` put the next entry into it, the lines after name it by its number. So a segment
 * can be read from its beginning with no other.
 */
type Coded =
  | ['k', tenant: string, subject: string, type: string, window: string]
  | ['o', object: string, shardId: string]
  | [
      'e',
      key: number,
      object: number,
      source: string,
      id: string,
      instant: string,
      sequence: string,
      index: number,
      /** 0 where it is the place itself. */
      origin: string | 0,
      /** 0 of a first sending. */
      replay: string | 0,
      data?: unknown,
    ]
  | ['r', key: number, origin: string, code: string, replay?: string]
  | ['b', key: number]
  | ['a', iid: string, object: string, seen: Numbers, acked: Numbers, judgedFrom?: number]
  | ['i', identity: string, key: number, origin: string];
type Numbers = readonly (readonly [number, number])[];

/** Which partition a line goes to: all of one bucket, of one writing instance, of one identity go to the same. */
export function partitionOf(line: ShuffleLine, partitions: number): number {
  if (partitions === 1) return 0;
  return hashParts(groupedBy(line)).readUInt32BE(0) % partitions;
}

function groupedBy(line: ShuffleLine): readonly string[] {
  if (line.kind === 'ack') return [line.iid];
  if (line.kind === 'identity') return [line.identity];
  const { tenant, subject, type, window } = line.key;
  return [tenant, subject, type, window];
}

/** Writes one segment. */
export class SegmentEncoder {
  readonly #keys = new Map<string, number>();
  readonly #objects = new Map<string, number>();
  #lines: string[] = [];
  #bytes = 0;

  /** Of the text so far, in UTF-8. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @returns the bytes that it added */
  add(line: ShuffleLine): number {
    const before = this.#bytes;
    this.#push(this.#encode(line));
    return this.#bytes - before;
  }

  text(): string {
    return this.#lines.join('');
  }

  #encode(line: ShuffleLine): Coded {
    switch (line.kind) {
      case 'event': {
        const { source, id, instant, sequence, index, shardId, data } = line;
        const origin = line.origin === `${shardId}:${sequence}:${index}` ? 0 : line.origin;
        const key = this.#keyOf(line.key);
        const object = this.#objectOf(line.object, shardId);
        const replay = line.replay ?? 0;
        const coded: Coded = ['e', key, object, source, id, instant, sequence, index, origin, replay];
        if (data !== undefined) coded.push(data);
        return coded;
      }
      case 'refused': {
        const { origin, code, replay } = line;
        const key = this.#keyOf(line.key);
        return replay === undefined ? ['r', key, origin, code] : ['r', key, origin, code, replay];
      }
      case 'bucket':
        return ['b', this.#keyOf(line.key)];
      case 'ack': {
        const { iid, object, seen, acked, judgedFrom } = line;
        return judgedFrom === undefined
          ? ['a', iid, object, seen, acked]
          : ['a', iid, object, seen, acked, judgedFrom];
      }
      case 'identity':
        return ['i', line.identity, this.#keyOf(line.key), line.origin];
    }
  }

  #keyOf({ tenant, subject, type, window }: BucketKey): number {
    return this.#numberOf(this.#keys, ['k', tenant, subject, type, window]);
  }

  #objectOf(object: string, shardId: string): number {
    return this.#numberOf(this.#objects, ['o', object, shardId]);
  }

  #numberOf(table: Map<string, number>, entry: Coded): number {
    const text = JSON.stringify(entry);
    let number = table.get(text);
    if (number === undefined) {
      number = table.size;
      table.set(text, number);
      this.#push(entry);
    }
    return number;
  }

  #push(coded: Coded): void {
    const text = `${stringify(coded)}\n`;
    this.#lines.push(text);
    this.#bytes += Buffer.byteLength(text);
  }
}

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/**
 * A number too large for a double was read as infinite, which JSON writes as null: the event would be measured as one
 * without the value. It is rare, and so is null.
 */
function stringify(value: unknown): string {
  const text = JSON.stringify(value);
  if (!text.includes('null')) return text;
  return JSON.stringify(value, (_, each: unknown) =>
    each === Infinity ? rawJSON('1e999') : each === -Infinity ? rawJSON('-1e999') : each,
  );
}

/** Reads a segment. @throws SyntaxError, RangeError where it was not written by {@link SegmentEncoder} */
export function* decodeSegment(text: string): Generator<ShuffleLine> {
  const keys: BucketKey[] = [];
  const objects: { readonly object: string; readonly shardId: string }[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    if (end < 0) throw new RangeError('the last line of a shuffle segment has no end');
    const coded = JSON.parse(text.slice(at, end)) as Coded;
    at = end + 1;
    if (coded[0] === 'k') {
      keys.push({ tenant: coded[1], subject: coded[2], type: coded[3], window: coded[4] });
    } else if (coded[0] === 'o') {
      objects.push({ object: coded[1], shardId: coded[2] });
    } else {
      yield decodeLine(coded, keys, objects);
    }
  }
}

function decodeLine(
  coded: Exclude<Coded, ['k' | 'o', ...unknown[]]>,
  keys: readonly BucketKey[],
  objects: readonly { readonly object: string; readonly shardId: string }[],
): ShuffleLine {
  switch (coded[0]) {
    case 'e': {
      const [, key, of, source, id, instant, sequence, index, origin, replay, data] = coded;
      const { object, shardId } = entry(objects, of);
      return {
        ...{ kind: 'event', key: entry(keys, key), source, id, instant, data, object, shardId },
        ...{ sequence, index, origin: origin === 0 ? `${shardId}:${sequence}:${index}` : origin },
        ...(replay !== 0 && { replay }),
      };
    }
    case 'r': {
      const [, key, origin, code, replay] = coded;
      const line = { kind: 'refused', key: entry(keys, key), origin, code } as const;
      return replay === undefined ? line : { ...line, replay };
    }
    case 'b':
      return { kind: 'bucket', key: entry(keys, coded[1]) };
    case 'a': {
      const [, iid, object, seen, acked, judgedFrom] = coded;
      const line = { kind: 'ack', iid, object, seen, acked } as const;
      return judgedFrom === undefined ? line : { ...line, judgedFrom };
    }
    case 'i':
      return { kind: 'identity', identity: coded[1], key: entry(keys, coded[2]), origin: coded[3] };
    default:
      throw new RangeError('a shuffle segment holds a line of no known kind');
  }
}

function entry<T>(table: readonly T[], number: number): T {
  const found = table[number];
  if (found === undefined) throw new RangeError(`a shuffle segment has no table entry ${number}`);
  return found;
}

/** Where a segment stands in its file. */
export interface SegmentPlace {
  readonly offset: number;
  readonly length: number;
}

/** Bytes at a file's end that say how long its footer is. */
export const FOOTER_LENGTH_BYTES = 8;

/** The footer with its length behind it. */
export function encodeFooter(segments: ReadonlyMap<number, SegmentPlace>): Buffer {
  const places = Object.fromEntries(
    [...segments].map(([partition, { offset, length }]) => [partition, [offset, length]]),
  );
  const footer = Buffer.from(JSON.stringify(places));
  const length = Buffer.alloc(FOOTER_LENGTH_BYTES);
  length.writeBigUInt64BE(BigInt(footer.length));
  return Buffer.concat([footer, length]);
}

/** How many bytes at the file's end hold the footer and its length. `tail` ends with the file. */
export function footerBytes(tail: Buffer): number {
  return Number(tail.readBigUInt64BE(tail.length - FOOTER_LENGTH_BYTES)) + FOOTER_LENGTH_BYTES;
}

/** Where a partition's segment is, if it has one. `tail` ends with the file and holds {@link footerBytes} at least. */
export function placeIn(tail: Buffer, partition: number): SegmentPlace | undefined {
  const footer = tail.subarray(tail.length - footerBytes(tail), tail.length - FOOTER_LENGTH_BYTES);
  const places = JSON.parse(footer.toString()) as Readonly<Record<string, readonly [number, number]>>;
  const place = Object.hasOwn(places, partition) ? places[partition] : undefined;
  return place && { offset: place[0], length: place[1] };
}
