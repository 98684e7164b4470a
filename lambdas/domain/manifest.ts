import { hash } from 'node:crypto';
import type { Envelope } from './envelope.ts';
import { hashParts } from './identity.ts';
import { parseInstant } from './instant.ts';
import { compareSequences, decodeEnvelope, type LogRecord } from './log-record.ts';

/** A short list of what an object holds, or "many": enough to open only what is needed. */
export type Few = readonly string[] | 'many';
const MAX_FEW = 20;

/** Times as RFC 3339, both inclusive. */
export interface TimeRange {
  readonly from: string;
  readonly to: string;
}

/** What one archive object holds. */
export interface Contents {
  readonly first: string;
  readonly last: string;
  readonly records: number;
  readonly events: number;
  readonly arrived: TimeRange;
  /** Of the events' own times; absent where there is none. */
  readonly times?: TimeRange;
  readonly tenants: Few;
  readonly types: Few;
  readonly fingerprints: Few;
  /** The last mark in it. */
  readonly mark?: string;
}

/** The manifest's entry for one object: written once. */
export interface ManifestEntry extends Contents {
  readonly shardId: string;
  readonly key: string;
  /** SHA-256 of the stored bytes, lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
  readonly versionId: string;
  /** See {@link chainHash}. */
  readonly chain: string;
}

/** How far a shard is archived: the end of its chain. */
export interface ManifestHead {
  readonly shardId: string;
  readonly last: string;
  readonly chain: string;
  readonly objects: number;
  readonly records: number;
  readonly events: number;
  readonly bytes: number;
  readonly mark?: string;
}

/**
 * SHA-256 of (previous chain, object hash, first, last, count), all as text: an entry can't be changed, dropped or
 * put between others without every later link being another. Golden vectors: docs/state.md.
 */
export function chainHash(
  previous: string,
  sha256: string,
  first: string,
  last: string,
  records: number,
): string {
  return hashParts([previous, sha256, first, last, String(records)]).toString('hex');
}

/** Where a shard's chain begins: at its parents' ends, or at its own name. */
export function chainStart(shardId: string, parentChains: readonly string[]): string {
  return hashParts([shardId, ...parentChains]).toString('hex');
}

/** The records that the head does not have yet: a batch taken again may be cut differently. */
export function recordsAfter(records: readonly LogRecord[], last: string | undefined): readonly LogRecord[] {
  return last === undefined
    ? records
    : records.filter(({ sequence }) => compareSequences(sequence, last) > 0);
}

/**
 * The object's lines, one a record in the log's order: `{"seq":…,"arrived":…,"envelope":…}`. The envelope is the
 * record's own text, byte for byte; a record that holds no JSON object goes in as `{"base64":…}` in its place.
 */
export function archiveLines(records: readonly ReadRecord[]): string {
  let lines = '';
  for (const { sequence, arrivedMs, data, envelope } of records) {
    const arrived = new Date(arrivedMs).toISOString();
    const text = data.toString('utf8');
    const body =
      envelope && isLine(text, data) ? `"envelope":${text}` : `"base64":"${data.toString('base64')}"`;
    lines += `{"seq":"${sequence}","arrived":"${arrived}",${body}}\n`;
  }
  return lines;
}

/** Whether the text is the data, to the byte, and has no line's end in it. */
function isLine(text: string, data: Buffer): boolean {
  return !text.includes('\n') && Buffer.from(text, 'utf8').equals(data);
}

/** A record with its envelope, if it holds one. */
export interface ReadRecord extends LogRecord {
  readonly envelope: Envelope | undefined;
}

export function readRecord(record: LogRecord): ReadRecord {
  return { ...record, envelope: decodeEnvelope(record.data) };
}

/** What the records hold. There must be at least one. */
export function describeContents(records: readonly ReadRecord[]): Contents {
  const summary = new Summary();
  for (const { envelope } of records) if (envelope) summary.add(envelope);
  const arrivals = records.map(({ arrivedMs }) => arrivedMs);
  return {
    first: records[0]!.sequence,
    last: records.at(-1)!.sequence,
    records: records.length,
    arrived: {
      from: new Date(arrivals.reduce((a, b) => Math.min(a, b))).toISOString(),
      to: new Date(arrivals.reduce((a, b) => Math.max(a, b))).toISOString(),
    },
    ...summary.result(),
  };
}

class Summary {
  #events = 0;
  #mark: string | undefined;
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = Number.NEGATIVE_INFINITY;
  readonly #tenants = new Set<string>();
  readonly #types = new Set<string>();
  readonly #fingerprints = new Set<string>();

  add(envelope: Envelope): void {
    if ('mark' in envelope) {
      this.#mark = envelope.mark;
      return;
    }
    this.#tenants.add(envelope.tenant);
    if ('quarantine' in envelope) {
      this.#fingerprints.add(envelope.quarantine.fingerprint);
      return;
    }
    for (const { event } of envelope.events) {
      this.#events++;
      this.#types.add(event.type);
      const ms = event.time === undefined ? undefined : parseInstant(event.time)?.ms;
      if (ms === undefined) continue;
      this.#fromMs = Math.min(this.#fromMs, ms);
      this.#toMs = Math.max(this.#toMs, ms);
    }
  }

  result() {
    return {
      events: this.#events,
      tenants: few(this.#tenants),
      types: few(this.#types),
      fingerprints: few(this.#fingerprints),
      ...(this.#mark !== undefined && { mark: this.#mark }),
      ...(this.#fromMs <= this.#toMs && {
        times: { from: new Date(this.#fromMs).toISOString(), to: new Date(this.#toMs).toISOString() },
      }),
    };
  }
}

function few(values: ReadonlySet<string>): Few {
  return values.size > MAX_FEW ? 'many' : [...values].sort();
}

/** `archive/date=…/hour=…/shard=…/<first>-<last>-<hash>.ndjson.gz`, by arrival of the first record. */
export function objectKey(shardId: string, { first, last, arrived }: Contents, sha256: string): string {
  const [date, time] = arrived.from.split('T') as [string, string];
  return `archive/date=${date}/hour=${time.slice(0, 2)}/shard=${shardId}/${first}-${last}-${sha256.slice(0, 16)}.ndjson.gz`;
}

/** SHA-256 in lower-case hex. */
export function sha256Hex(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

/** The head after one more object. */
export function nextManifestHead(head: ManifestHead | undefined, entry: ManifestEntry): ManifestHead {
  const mark = entry.mark ?? head?.mark;
  return {
    shardId: entry.shardId,
    last: entry.last,
    chain: entry.chain,
    objects: (head?.objects ?? 0) + 1,
    records: (head?.records ?? 0) + entry.records,
    events: (head?.events ?? 0) + entry.events,
    bytes: (head?.bytes ?? 0) + entry.bytes,
    ...(mark !== undefined && { mark }),
  };
}

/** Where manifests live. */
export interface ManifestStore {
  /** Read strongly. */
  head(shardId: string): Promise<ManifestHead | undefined>;
  /**
   * Writes the shard's first entry, its head, and its name with those of `parents` into the list of shards that have a
   * manifest, in one transaction, if there is no head: what is in a chain can be found without the log, which forgets
   * shards.
   * @param parents the shards whose chains its own begins with, in the log's order
   * @returns false where there is a head, as {@link append}
   */
  begin(entry: ManifestEntry, head: ManifestHead, parents: readonly string[]): Promise<boolean>;
  /**
   * Writes the entry and the head in one transaction if the head is still `seen`.
   * @returns false where it is not: somebody else has archived the range, or this call has, and its answer was lost.
   */
  append(entry: ManifestEntry, head: ManifestHead, seen: ManifestHead): Promise<boolean>;
}

/** Where archive objects live. */
export interface ArchiveStore {
  /** Puts the object unless one of this key (and so of these bytes) is there; returns the version that is. */
  put(key: string, bytes: Uint8Array): Promise<{ readonly versionId: string }>;
}

/** A shard and the shards whose split or merge made it. */
export interface Shard {
  readonly shardId: string;
  readonly parents: readonly string[];
  /** Whether records still go in. */
  readonly open: boolean;
  /** First hash key of its range, a decimal number below 2^128. */
  readonly startingHashKey: string;
}

/** The log's shards. */
export interface Shards {
  list(): Promise<readonly Shard[]>;
}
