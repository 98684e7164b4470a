import type { Contracts } from '../domain/contract.ts';
import type { ManifestEntry } from '../domain/manifest.ts';
import type {
  ArchiveReader,
  ManifestReader,
  RunFiles,
  Runs,
  TouchedIndex,
} from '../domain/recovery/ports.ts';
import {
  type Batch,
  type Finding,
  type Plan,
  RunRefusedError,
  runFiles,
  type StageResult,
} from '../domain/recovery/run.ts';
import { addTo, type Counts } from '../domain/recovery/shuffle-record.ts';
import { type Wanted, wantedOf } from '../domain/recovery/wanted-lines.ts';
import { assertRunning } from '../platform/assert-running.ts';
import { ShuffleWriter } from '../platform/shuffle-files.ts';
import { scanObject } from './scan-object.ts';

export interface ScanPorts {
  readonly contracts: Contracts;
  readonly archive: Pick<ArchiveReader, 'get'>;
  readonly manifest: Pick<ManifestReader, 'entry'>;
  readonly touched: TouchedIndex;
  readonly files: RunFiles;
  readonly runs: Pick<Runs, 'find'>;
  /** Whether what a manifest entry names has reached the archive's end. @default - nothing ever has */
  readonly hasExpired?: (entry: ManifestEntry) => boolean;
}

/** What the state machine hands a worker of the first stage. */
export interface ScanEvent {
  readonly requestId: string;
  readonly attempt: number;
  /** S3 key of the batch's file. */
  readonly batch: string;
}

/** What one scan of a batch shares. */
export interface Scan {
  readonly plan: Plan;
  readonly wanted: Wanted;
  readonly writer: ShuffleWriter;
  readonly counts: Counts;
  readonly findings: Finding[];
}

/**
 * Reads a batch and shuffles what the run wants of it. Its result is written last: a repetition of what is done returns
 * at once, and of what was not done writes the same files again.
 *
 * @throws RunCancelledError, RunRefusedError, and what the ports throw
 */
export async function scanBatch(event: ScanEvent, ports: ScanPorts): Promise<void> {
  const { requestId, batch: key } = event;
  const { files, runs } = ports;
  await assertRunning(runs, event);
  const batch = await readJson<Batch>(files, requestId, key.slice(`runs/${requestId}/`.length));
  const done = runFiles.scanned(batch.number);
  if (await files.get(requestId, done)) return;

  const plan = await readJson<Plan>(files, requestId, runFiles.plan);
  const writer = new ShuffleWriter(files, requestId, batch.number, plan.summary.partitions);
  const scan: Scan = { plan, wanted: wantedOf(plan), writer, counts: {}, findings: [] };
  if (batch.kind === 'heads') await scanHeads(batch.touched, scan, ports);
  else for (const object of batch.objects) await scanObject(object, scan, ports);
  const parts = await writer.close();
  if ((scan.counts.damaged ?? 0) > 0) await files.put(requestId, runFiles.damaged(batch.number), NOTHING);
  const result: StageResult = { counts: scan.counts, findings: scan.findings, parts };
  await files.put(requestId, done, Buffer.from(JSON.stringify(result)));
}

const NOTHING = Buffer.alloc(0);

/** The buckets that there are, so that the second stage also sees those of which the archive knows nothing. */
async function scanHeads(
  touched: readonly string[],
  { wanted, writer, counts }: Scan,
  ports: Pick<ScanPorts, 'touched'>,
): Promise<void> {
  for (const partition of touched) {
    for await (const page of ports.touched.buckets(partition)) {
      const keys = page.filter((key) => wanted.bucket(key));
      addTo(counts, 'heads', keys.length);
      await writer.write(keys.map((key) => ({ kind: 'bucket', key })));
    }
  }
}

async function readJson<T>(files: Pick<RunFiles, 'get'>, requestId: string, name: string): Promise<T> {
  const bytes = await files.get(requestId, name);
  if (!bytes)
    throw new RunRefusedError(
      `the file ${name} of run ${requestId} is gone (runs' files expire): start the work as a new run`,
    );
  return JSON.parse(bytes.toString()) as T;
}
