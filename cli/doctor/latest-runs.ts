import type { Runs } from '../../lambdas/domain/recovery/ports.ts';
import type { Run } from '../../lambdas/domain/recovery/run.ts';

/** The latest runs, `most` at most. */
export async function takeLatest(runs: Pick<Runs, 'latest'>, most: number): Promise<readonly Run[]> {
  const found: Run[] = [];
  for await (const page of runs.latest()) {
    found.push(...page);
    if (found.length >= most) break;
  }
  return found.slice(0, most);
}
