import { promisify } from 'node:util';
import { constants, gunzip, gzip } from 'node:zlib';
import type { RunFiles } from '../domain/recovery/ports.ts';
import { runFiles } from '../domain/recovery/run.ts';
import type { ShuffleLine } from '../domain/recovery/shuffle.ts';
import {
  decodeSegment,
  encodeFooter,
  footerBytes,
  partitionOf,
  placeIn,
  SegmentEncoder,
  type SegmentPlace,
} from '../domain/recovery/shuffle-codec.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** A part is written when its lines take this much, uncompressed. */
const MAX_BUFFERED = 32 * 1024 * 1024;
/** One line is an event at most, and that one was in a record of the log: 1 MiB, which escapes may make longer. */
const MAX_SEGMENT = MAX_BUFFERED + 16 * 1024 * 1024;

/** Writes what one batch is shuffled into: `runFiles.shuffle`. Holds no more than `maxBuffered` and a line. */
export class ShuffleWriter {
  readonly #files: Pick<RunFiles, 'put' | 'list'>;
  readonly #requestId: string;
  readonly #batch: number;
  readonly #partitions: number;
  readonly #maxBuffered: number;
  #segments = new Map<number, SegmentEncoder>();
  #buffered = 0;
  #parts = 0;

  constructor(
    files: Pick<RunFiles, 'put' | 'list'>,
    requestId: string,
    batch: number,
    partitions: number,
    maxBuffered = MAX_BUFFERED,
  ) {
    this.#files = files;
    this.#requestId = requestId;
    this.#batch = batch;
    this.#partitions = partitions;
    this.#maxBuffered = maxBuffered;
  }

  /** Bytes that wait for the next part. */
  get buffered(): number {
    return this.#buffered;
  }

  async write(lines: Iterable<ShuffleLine>): Promise<void> {
    for (const line of lines) {
      const partition = partitionOf(line, this.#partitions);
      let segment = this.#segments.get(partition);
      if (!segment) {
        segment = new SegmentEncoder();
        this.#segments.set(partition, segment);
      }
      this.#buffered += segment.add(line);
      if (this.#buffered >= this.#maxBuffered) await this.#flush();
    }
  }

  /**
   * Writes the rest. Of an earlier attempt that needed more parts, those beyond are emptied, so that no reader takes them.
   * @returns how many parts the batch has
   */
  async close(): Promise<number> {
    if (this.#buffered > 0) await this.#flush();
    const names = await this.#files.list(this.#requestId, shufflePrefix(this.#batch));
    for (const name of names) {
      if (name < runFiles.shuffle(this.#batch, this.#parts)) continue;
      await this.#files.put(this.#requestId, name, encodeFooter(new Map()));
    }
    return this.#parts;
  }

  async #flush(): Promise<void> {
    const places = new Map<number, SegmentPlace>();
    const chunks: Buffer[] = [];
    let offset = 0;
    for (const [partition, segment] of this.#segments) {
      // What it is written for is read once or twice and thrown away: time is dearer than space.
      const bytes = await compress(segment.text(), { level: constants.Z_BEST_SPEED });
      this.#segments.delete(partition);
      places.set(partition, { offset, length: bytes.length });
      chunks.push(bytes);
      offset += bytes.length;
    }
    chunks.push(encodeFooter(places));
    const name = runFiles.shuffle(this.#batch, this.#parts);
    await this.#files.put(this.#requestId, name, Buffer.concat(chunks));
    this.#parts++;
    this.#segments = new Map();
    this.#buffered = 0;
  }
}

const PART_DIGITS = runFiles.shuffle(0, 0).length - runFiles.shuffle(0, 0).indexOf('-') - 1;

/** What the names of all parts of a batch begin with. */
function shufflePrefix(batch: number): string {
  return runFiles.shuffle(batch, 0).slice(0, -PART_DIGITS);
}

/** First read of a file's end: holds the footer of some thousand partitions. A longer one costs another read. */
const TAIL_BYTES = 64 * 1024;
/** Compressed segments that are kept for the second pass; beyond, they are read again. */
const MAX_KEPT = 64 * 1024 * 1024;
/** Files that are read ahead. */
const AHEAD = 8;

/** Reads one partition of all that a run has shuffled. */
export class PartitionReader {
  readonly #files: Pick<RunFiles, 'list' | 'getPart'>;
  readonly #requestId: string;
  readonly #partition: number;
  readonly #kept = new Map<string, Buffer | undefined>();
  #keptBytes = 0;
  #names: readonly string[] | undefined;

  constructor(files: Pick<RunFiles, 'list' | 'getPart'>, requestId: string, partition: number) {
    this.#files = files;
    this.#requestId = requestId;
    this.#partition = partition;
  }

  /** The partition's lines: of each batch in the order in which they were written. May be called again. */
  async *lines(): AsyncGenerator<ShuffleLine, void, undefined> {
    this.#names ??= await this.#files.list(this.#requestId, 'shuffle/');
    const names = this.#names;
    const ahead: Promise<Buffer | undefined>[] = [];
    for (let at = 0; at < names.length; at++) {
      for (let next = at + ahead.length; next < Math.min(at + AHEAD, names.length); next++) {
        const segment = this.#segment(names[next]!);
        // Where an earlier one fails first, nobody waits for this one: it must not end the process.
        segment.catch(() => {});
        ahead.push(segment);
      }
      const bytes = await ahead.shift()!;
      if (!bytes) continue;
      const text = (await decompress(bytes, { maxOutputLength: MAX_SEGMENT })).toString();
      yield* decodeSegment(text);
    }
  }

  async #segment(name: string): Promise<Buffer | undefined> {
    if (this.#kept.has(name)) return this.#kept.get(name);
    const bytes = await this.#read(name);
    if (this.#keptBytes + (bytes?.length ?? 0) <= MAX_KEPT) {
      this.#keptBytes += bytes?.length ?? 0;
      this.#kept.set(name, bytes);
    }
    return bytes;
  }

  async #read(name: string): Promise<Buffer | undefined> {
    let tail = await this.#part(name, -TAIL_BYTES, TAIL_BYTES);
    const footer = footerBytes(tail);
    if (footer > tail.length) tail = await this.#part(name, -footer, footer);
    const place = placeIn(tail, this.#partition);
    return place && this.#part(name, place.offset, place.length);
  }

  async #part(name: string, start: number, length: number): Promise<Buffer> {
    const part = await this.#files.getPart(this.#requestId, name, start, length);
    if (!part) throw new ShufflePartLostError(name);
    return part;
  }
}

/** A file that was listed is gone: somebody deletes the run's files while it runs. */
export class ShufflePartLostError extends Error {
  override readonly name = 'ShufflePartLostError';
  constructor(name: string) {
    super(
      `the run's file ${name} is gone: was it deleted by hand? Start the work as a new run, under another requestId`,
    );
  }
}
