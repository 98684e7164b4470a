import { gzipSync } from 'node:zlib';
import type { LogRecord } from '../domain/log-record.ts';
import {
  type ArchiveStore,
  archiveLines,
  chainHash,
  chainStart,
  describeContents,
  type ManifestEntry,
  type ManifestHead,
  type ManifestStore,
  nextManifestHead,
  objectKey,
  type ReadRecord,
  readRecord,
  recordsAfter,
  type Shards,
  sha256Hex,
} from '../domain/manifest.ts';

export interface ArchivePorts {
  readonly archive: ArchiveStore;
  readonly manifest: ManifestStore;
  readonly shards: Shards;
}

/** What was archived of a batch. */
export interface Archived {
  readonly records: number;
  readonly events: number;
  readonly bytes: number;
  /** Of each record with events that were sent for the first time: when it was received (ms since the epoch), and how many. */
  readonly received: readonly { readonly atMs: number; readonly events: number }[];
}

/** Another invocation appended to the shard's chain meanwhile: the batch comes again, and drops what is there. */
export class ChainMovedError extends Error {
  override readonly name = 'ChainMovedError';
  constructor(shardId: string) {
    super(`the manifest of ${shardId} moved while this batch was being archived; the batch will come again`);
  }
}

/** The log does not list the shard whose records it handed out: the batch comes again. */
export class ShardNotListedError extends Error {
  override readonly name = 'ShardNotListedError';
  constructor(shardId: string) {
    super(
      `the log does not list ${shardId}, so the start of its chain is not known; the batch will come again`,
    );
  }
}

/**
 * Archives one shard's batch: the object first, then its manifest entry and the shard's head in one transaction under
 * the condition that the head is what was read. A crash between the two leaves an object that no manifest names, and
 * readers follow the manifest. Throws on any failure: the event source mapping retries without end.
 */
export async function archiveBatch(records: readonly LogRecord[], ports: ArchivePorts): Promise<Archived> {
  const shardId = records[0]!.shardId;
  const head = await ports.manifest.head(shardId);
  const fresh = recordsAfter(records, head?.last).map(readRecord);
  if (fresh.length === 0) return { records: 0, events: 0, bytes: 0, received: [] };

  const bytes = gzipSync(archiveLines(fresh));
  const contents = describeContents(fresh);
  const sha256 = sha256Hex(bytes);
  const key = objectKey(shardId, contents, sha256);
  const parents = head ? [] : await parentsOf(shardId, ports);
  const previous =
    head?.chain ??
    chainStart(
      shardId,
      parents.map(({ chain }) => chain),
    );
  const { versionId } = await ports.archive.put(key, bytes);
  const chain = chainHash(previous, sha256, contents.first, contents.last, contents.records);
  const entry: ManifestEntry = { ...contents, shardId, key, sha256, bytes: bytes.length, versionId, chain };
  const next = nextManifestHead(head, entry);
  const written = head
    ? await ports.manifest.append(entry, next, head)
    : await ports.manifest.begin(
        entry,
        next,
        parents.map((parent) => parent.shardId),
      );
  if (!written) throw new ChainMovedError(shardId);
  const { records: archived, events } = contents;
  return { records: archived, events, bytes: bytes.length, received: fresh.flatMap(receivedIn) };
}

/** What recovery has sent again was received once before: its time says nothing of the archive. */
function receivedIn({ envelope }: ReadRecord): Archived['received'] {
  if (!envelope || !('events' in envelope) || envelope.replay !== undefined) return [];
  return [{ atMs: Date.parse(envelope.at), events: envelope.events.length }];
}

/**
 * The ends of the chains that a new shard's own begins with: its parents', or, of a parent that never held a record,
 * that one's parents'. A child shard is only read when its parents are at their ends, so those heads are final.
 */
async function parentsOf(
  shardId: string,
  { manifest, shards }: ArchivePorts,
): Promise<readonly ManifestHead[]> {
  const listed = new Map((await shards.list()).map((shard) => [shard.shardId, shard]));
  // A start without its parents could never be mended; listed late, it is there when the batch comes again.
  if (!listed.has(shardId)) throw new ShardNotListedError(shardId);
  const ends = new Map<string, ManifestHead>();
  const follow = async (child: string): Promise<void> => {
    for (const parent of listed.get(child)?.parents ?? []) {
      const head = await manifest.head(parent);
      if (head) ends.set(parent, head);
      else await follow(parent);
    }
  };
  await follow(shardId);
  return [...ends.values()];
}
