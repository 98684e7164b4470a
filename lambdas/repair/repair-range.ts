import type { LogEntry, LogWriter } from '../domain/log.ts';
import { compareSequences } from '../domain/log-record.ts';
import type { ManifestEntry } from '../domain/manifest.ts';
import type { ArchiveReader, ManifestReader } from '../domain/recovery/ports.ts';
import { quarantineUnreadable } from '../domain/recovery/quarantine-unreadable.ts';
import { MAX_REPAIRS, pauseBefore, repairName, repairsOf } from '../domain/recovery/read-pointer.ts';
import { isSent, replayEntries } from '../domain/recovery/replay-envelope.ts';
import type { GivenUp } from '../domain/recovery/resend-ports.ts';
import { isWithin } from '../domain/recovery/select-replay.ts';
import { openObject } from '../platform/open-object.ts';
import { patiently, type Waiting } from '../platform/patience.ts';

export interface RangePorts extends Omit<Waiting, 'deadline'> {
  readonly archive: ArchiveReader;
  readonly manifest: Pick<ManifestReader, 'entries'>;
  readonly log: LogWriter;
}

/** What of a range went into the log again. */
export interface RangeSent {
  readonly records: number;
  /** Why not all of it did. */
  readonly failed?: string;
  /** It was given up a moment ago, and repaired before: it is left alone for a while, and comes again whole. */
  readonly tooSoon?: true;
}

/** The log did not take what was to be sent again: the message comes again. */
export class RangeNotSentError extends Error {
  override readonly name = 'RangeNotSentError';
  constructor(records: number) {
    super(`the log did not acknowledge ${records} records of the range; the pointer comes again`);
  }
}

/** Records sent at once: what one call of PutRecords takes. */
const MAX_AT_ONCE = 500;

/**
 * Sends a range of the log again from the archive: events, quarantine and replays, as repairs; not marks. What is given
 * up although it was repaired is tried again after a pause, as an outage may last, and some times only: else it would
 * come back for ever.
 * @throws RangeNotSentError; what the stores throw
 */
export async function sendRange(range: GivenUp, ports: RangePorts, deadline: number): Promise<RangeSent> {
  const waiting = { ...ports, deadline };
  const damages: string[] = [];
  let records = 0;
  let again = 0;
  for (const entry of await patiently(() => entriesOf(range, ports.manifest), waiting)) {
    const opened = await patiently(() => openObject(ports.archive, entry), waiting);
    if ('damage' in opened) {
      damages.push(`${opened.damage.kind}: ${opened.damage.detail}`);
      continue;
    }
    const entries: LogEntry[] = [];
    for (const record of opened.records) {
      if (!isWithin(record.sequence, range)) continue;
      const repairs = isSent(record) ? repairsOf(record.envelope.replay) : 0;
      if (repairs >= MAX_REPAIRS) {
        again++;
        continue;
      }
      if (repairs > 0 && ports.clock.now() < (range.atMs ?? 0) + pauseBefore(repairs))
        return { records, tooSoon: true };
      const name = repairName(range, repairs + 1);
      const sent = record.envelope
        ? replayEntries(record, name, 'all')
        : [quarantineUnreadable(record, name)];
      entries.push(...sent);
      if (sent.length > 0) records++;
    }
    await publish(entries, ports, deadline);
  }
  if (again > 0) {
    damages.push(
      `${again} records were sent again ${MAX_REPAIRS} times, and given up each time: the log of the project function says why`,
    );
  }
  return { records, ...(damages.length > 0 && { failed: damages.join('; ') }) };
}

/** Objects that hold records of the range, from the manifest. */
async function entriesOf(
  { shardId, first, last }: GivenUp,
  manifest: RangePorts['manifest'],
): Promise<readonly ManifestEntry[]> {
  const found: ManifestEntry[] = [];
  for await (const entries of manifest.entries(shardId, first)) {
    for (const entry of entries) {
      if (compareSequences(entry.first, last) > 0) return found;
      if (compareSequences(entry.last, first) >= 0) found.push(entry);
    }
  }
  return found;
}

async function publish(entries: readonly LogEntry[], { log }: RangePorts, deadline: number): Promise<void> {
  for (let at = 0; at < entries.length; at += MAX_AT_ONCE) {
    const acknowledged = await log.publish(entries.slice(at, at + MAX_AT_ONCE), deadline);
    const missed = acknowledged.filter((each) => !each).length;
    if (missed > 0) throw new RangeNotSentError(missed);
  }
}
