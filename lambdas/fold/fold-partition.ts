import { ResultSum } from '../domain/recovery/add-up-results.ts';
import { missingEvents } from '../domain/recovery/missing-events.ts';
import type { RunFiles } from '../domain/recovery/ports.ts';
import { Refusals } from '../domain/recovery/refusals.ts';
import {
  type Plan,
  RunRefusedError,
  type RunResult,
  runFiles,
  type StageResult,
} from '../domain/recovery/run.ts';
import type { Place } from '../domain/recovery/seen-event.ts';
import { PartitionReader } from '../platform/shuffle-files.ts';
import { DifferencesFile } from './differences-file.ts';
import { ensureGoing } from './ensure-going.ts';
import type { Fold, FoldPorts } from './fold-ports.ts';
import { previewMode, rebuildMode, reconcileMode } from './modes.ts';
import { type Contents, readContents } from './read-partition.ts';
import { type Mode, reviewBuckets } from './review-buckets.ts';
import { undoBuckets } from './undo-buckets.ts';
import { accountForNumbers, certifyBuckets, findIdentities } from './verify-partition.ts';

/** What the state machine hands a worker of the second stage. */
export interface FoldEvent {
  readonly requestId: string;
  readonly attempt: number;
  /** S3 key of the partition's file. */
  readonly partition: string;
}

/**
 * Folds one partition of what a run has read of the archive, for the verb that was asked for. Its result is written last: a repetition of
 * what is done returns at once, and what was not done is done again, from whatever state is by then.
 *
 * @param deadline ms since the epoch; leave a minute after it
 * @throws RunCancelledError, RunRefusedError; of any other error the state machine tries again
 */
export async function foldPartition(event: FoldEvent, ports: FoldPorts, deadline: number): Promise<void> {
  const { requestId, attempt } = event;
  const partition = numberOf(event.partition);
  const done = runFiles.folded(partition);
  if (await ports.files.get(requestId, done)) return;
  const fold: Fold = {
    ...{ requestId, attempt, partition, deadline, counts: {} },
    plan: await readPlan(ports.files, requestId),
    shuffled: new PartitionReader(ports.files, requestId, partition),
    differences: new DifferencesFile(ports.files, requestId, partition),
    damaged: await isDamaged(ports.files, requestId),
  };
  await ensureGoing(fold, ports);
  const result: StageResult = await foldFor(fold, ports);
  await ports.files.put(requestId, done, Buffer.from(JSON.stringify(result)));
}

async function foldFor(fold: Fold, ports: FoldPorts): Promise<RunResult> {
  const { request } = fold.plan;
  switch (request.verb) {
    case 'reconcile':
      if (request.identities) return findIdentities(fold);
      return review(reconcileMode(request, ports.contracts), fold, ports);
    case 'preview':
      return review(previewMode(request, ports.contracts), fold, ports);
    case 'rebuild':
      return request.undo === undefined
        ? review(rebuildMode(request, ports.contracts), fold, ports)
        : undo(request.undo, fold, ports);
    case 'verify':
      return verify(request.certificate, fold, ports);
    default:
      throw new RunRefusedError(`"${request.verb}" folds nothing`);
  }
}

async function review(mode: Mode, fold: Fold, ports: FoldPorts): Promise<RunResult> {
  if (mode.repair) await fold.differences.resume();
  const contents = await contentsOf(fold);
  fold.counts.buckets = contents.keys.size;
  const resend = await reviewBuckets(contents, mode, fold, ports);
  return conclude(resend, mode.repair, fold, ports);
}

async function undo(undone: string, fold: Fold, ports: FoldPorts): Promise<RunResult> {
  const resend = await undoBuckets(undone, await contentsOf(fold), fold, ports);
  return conclude(resend, true, fold, ports);
}

async function verify(certificate: boolean, fold: Fold, ports: FoldPorts): Promise<RunResult> {
  const sum = new ResultSum();
  sum.add(await accountForNumbers(fold));
  if (certificate) sum.add(await certifyBuckets(await contentsOf(fold), fold, ports));
  return sum.result();
}

async function contentsOf(fold: Fold): Promise<Contents> {
  const contents: Contents = { keys: new Map(), refused: new Refusals(), events: 0 };
  await readContents(fold.shuffled, contents);
  fold.counts.eventsFolded = contents.events;
  return contents;
}

async function conclude(
  resend: readonly Place[],
  repair: boolean,
  { requestId, partition, differences, counts, damaged }: Fold,
  { files }: FoldPorts,
): Promise<RunResult> {
  if (resend.length > 0) {
    const missing = Buffer.from(JSON.stringify(missingEvents(resend)));
    await files.put(requestId, runFiles.missing(partition), missing);
  }
  if (differences.size > 0) await differences.write();
  const all = { ...counts, ...differences.counts(), eventsToResend: resend.length };
  return { counts: all, findings: differences.findings({ repair, damaged }) };
}

async function readPlan(files: Pick<RunFiles, 'get'>, requestId: string): Promise<Plan> {
  const bytes = await files.get(requestId, runFiles.plan);
  if (!bytes)
    throw new RunRefusedError(
      `the plan of run ${requestId} is gone (runs' files expire): start the work as a new run`,
    );
  return JSON.parse(bytes.toString()) as Plan;
}

/** Whether planning has found the manifests wrong, or the first stage archive objects lost or changed. */
async function isDamaged(files: Pick<RunFiles, 'get' | 'list'>, requestId: string): Promise<boolean> {
  if ((await files.list(requestId, 'damaged/')).length > 0) return true;
  const chain = await files.get(requestId, runFiles.chain);
  return chain !== undefined && ((JSON.parse(chain.toString()) as StageResult).counts.damaged ?? 0) > 0;
}

function numberOf(key: string): number {
  const digits = /(\d+)\.json$/.exec(key)?.[1];
  if (digits === undefined) throw new RunRefusedError(`"${key}" is no partition's file`);
  return Number(digits);
}
