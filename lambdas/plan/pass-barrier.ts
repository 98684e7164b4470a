import { hasPassed, latestMark } from '../domain/recovery/passed.ts';
import { type Run, RunRefusedError, runFiles } from '../domain/recovery/run.ts';
import { putMarks } from '../platform/put-marks.ts';
import { readJson, settle } from './files.ts';
import type { PlanPorts } from './ports.ts';
import { readPasses } from './read-passes.ts';

/** An answer to "has the known point been reached?". */
export interface Barrier {
  readonly passed: boolean;
  readonly waitSeconds: number;
  /** Who is not there yet, for people. */
  readonly behind?: string;
}

/** What an attempt waits for, and since when: a mark may bear a later time than the clock's. */
interface Put {
  readonly mark: string;
  readonly at: string;
}

/** Longer and longer, as an execution of Step Functions has 25,000 events at most. */
const WAIT_SECONDS = { least: 2, most: 60 } as const;
/** What takes longer will not pass by itself. */
const PATIENCE_MS = 3_600_000;

/**
 * Puts a mark on every open shard, once an attempt, and says whether archive and projector have passed it on all of them,
 * and nothing waits to be repaired: then all that was acknowledged before the mark is in both.
 * @throws MarkMissedError where a shard got no mark
 * @throws RunRefusedError after an hour
 */
export async function passBarrier(
  { request, attempt }: Run,
  ports: PlanPorts,
  deadline: number,
): Promise<Barrier> {
  const name = runFiles.barrier(attempt);
  let barrier = await readJson<Put>(ports.files, request.requestId, name);
  if (!barrier) {
    const { archive, projector } = await readPasses(ports);
    const passed = latestMark([...archive.values(), ...projector.values()]);
    const at = new Date(ports.clock.now()).toISOString();
    const { mark } = await putMarks(ports, deadline, passed);
    barrier = await settle<Put>(ports.files, request.requestId, name, { mark, at });
  }
  const behind = await whoIsBehind(barrier.mark, ports);
  if (behind === undefined) return { passed: true, waitSeconds: 0 };
  const waitedMs = ports.clock.now() - Date.parse(barrier.at);
  if (waitedMs > PATIENCE_MS)
    throw new RunRefusedError(`After an hour ${behind}. Mend that (docs/runbook.md), then resume the run`);
  const { least, most } = WAIT_SECONDS;
  return { passed: false, waitSeconds: Math.min(most, least + Math.floor(waitedMs / 10_000)), behind };
}

async function whoIsBehind(mark: string, ports: PlanPorts): Promise<string | undefined> {
  const { shards, archive, projector } = await readPasses(ports);
  if (!hasPassed(shards, archive, mark)) return `the archive has not passed ${mark} on every shard`;
  if (!hasPassed(shards, projector, mark)) return `the projector has not passed ${mark} on every shard`;
  // After the projector's notes: what it gave up before them is in the queue by now.
  const repairs = await ports.repairs.pendingRepairs();
  return repairs > 0 ? `${repairs} ranges of the log wait to be repaired` : undefined;
}
