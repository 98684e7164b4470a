import { ResultSum } from '../domain/recovery/add-up-results.ts';
import type { RunFiles } from '../domain/recovery/ports.ts';
import { type Plan, type RunResult, runFiles, type StageResult } from '../domain/recovery/run.ts';
import { readAll } from './read-files.ts';

/** A map went on though some of its workers gave up. */
export class PartsNotDoneError extends Error {
  override readonly name = 'PartsNotDoneError';
}

type Files = Pick<RunFiles, 'get' | 'list'>;

const STAGES = ['scanned/', 'folded/', 'resent/'] as const;

/**
 * What all parts of a run came to. Of a dry run: what there would be to do.
 * @throws PartsNotDoneError naming one: a run is never done with a part of it missing
 */
export async function addUp(plan: Plan, files: Files): Promise<RunResult> {
  const { requestId, dryRun } = plan.request;
  const sum = new ResultSum();
  if (dryRun) {
    const { cold: _, ...counts } = plan.summary;
    sum.add({ counts, findings: [] });
    return sum.result();
  }
  const results = (await Promise.all(STAGES.map((stage) => files.list(requestId, stage)))).flat();
  if (plan.summary.expired !== undefined)
    sum.add({ counts: { expired: plan.summary.expired }, findings: [] });
  assertWhole(plan, await files.list(requestId, 'missing/'), new Set(results));
  for await (const part of readAll<StageResult>(files, requestId, results)) sum.add(part);
  return sum.result();
}

function assertWhole(
  { request, summary }: Plan,
  missing: readonly string[],
  results: ReadonlySet<string>,
): void {
  const isResent = (name: string) => results.has(runFiles.resent(name.replace('/', '-')));
  const undone: string[] = [];
  for (let number = 0; number < summary.batches; number++) {
    const name = runFiles.batch(number);
    if (!results.has(runFiles.scanned(number)) && !isResent(name)) undone.push(name);
  }
  for (let number = 0; number < summary.partitions; number++)
    if (!results.has(runFiles.folded(number))) undone.push(runFiles.partition(number));
  undone.push(...missing.filter((name) => !isResent(name)));
  if (undone.length === 0) return;
  throw new PartsNotDoneError(
    `${undone.length} parts of run ${request.requestId} are not done, the first of them ${undone[0]}`,
  );
}
