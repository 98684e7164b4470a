import { type Contents, describeContents, type ManifestEntry } from '../domain/manifest.ts';
import type { ArchivedRecord } from '../domain/recovery/archived-record.ts';
import { NumberCollector } from '../domain/recovery/collect-numbers.ts';
import { recordsIn } from '../domain/recovery/read-object.ts';
import type { ObjectRef, Plan } from '../domain/recovery/run.ts';
import type { ShuffleLine } from '../domain/recovery/shuffle.ts';
import { addTo, shuffleRecord } from '../domain/recovery/shuffle-record.ts';
import { readIntact } from '../platform/open-object.ts';
import { damageFinding, entryFinding, unreadFinding } from './object-findings.ts';
import type { Scan, ScanPorts } from './scan-batch.ts';

/**
 * Reads one object, if it is what its manifest entry says, and shuffles what the run wants of it. What is damaged gives
 * no lines: nothing that it holds can be relied upon.
 */
export async function scanObject(object: ObjectRef, scan: Scan, ports: ScanPorts): Promise<void> {
  const { counts, findings, plan } = scan;
  const { otherBuilds = 0 } = counts;
  addTo(counts, 'objects');
  const read = await readIntact(ports.archive, object);
  if ('kind' in read) {
    const entry = await ports.manifest.entry(object.shardId, object.first);
    if (read.kind === 'object-lost' && entry && mayBeGone(entry, plan, ports)) {
      addTo(counts, 'expired');
      return;
    }
    addTo(counts, 'damaged');
    addTo(counts, 'damagedEvents', object.events);
    findings.push(damageFinding(read, object, entry));
    return;
  }
  const { text, bytes } = read;
  addTo(counts, 'records', object.records);
  if (plan.request.verb === 'verify') {
    const entry = await ports.manifest.entry(object.shardId, object.first);
    const finding = entry && entryFinding(entry, { ...contentsOf(text, object), bytes });
    if (finding) findings.push(finding);
  }
  await scan.writer.write(linesOf(text, object, scan, ports));
  const unread = (counts.otherBuilds ?? 0) - otherBuilds;
  if (unread === 0) return;
  // What was counted of them would be taken for what the archive never had.
  addTo(counts, 'damaged');
  findings.push(unreadFinding(unread, object));
}

/**
 * An object that has expired since the run was planned. Only to the check of what is there that is no loss: whoever folds
 * or certifies lacks it.
 */
function mayBeGone(entry: ManifestEntry, { request }: Plan, { hasExpired }: ScanPorts): boolean {
  return request.verb === 'verify' && !request.certificate && (hasExpired?.(entry) ?? false);
}

function* linesOf(
  text: string,
  { key, shardId }: ObjectRef,
  { wanted, counts }: Scan,
  { contracts }: ScanPorts,
): Generator<ShuffleLine> {
  const numbers = new NumberCollector(wanted);
  for (const record of recordsIn(text, shardId)) {
    if (wanted.numbers) numbers.add(record);
    yield* shuffleRecord(record, key, contracts, wanted, counts);
  }
  yield* numbers.lines(key);
}

/** What its manifest entry should say of it. */
function contentsOf(text: string, { shardId }: ObjectRef): Contents {
  const records = [...recordsIn(text, shardId)].map(({ sequence, arrived, envelope }: ArchivedRecord) => ({
    ...{ shardId, sequence, envelope, data: NO_DATA },
    arrivedMs: Date.parse(arrived),
  }));
  return describeContents(records);
}

const NO_DATA = Buffer.alloc(0);
