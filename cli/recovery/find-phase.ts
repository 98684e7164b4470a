import type { Verb } from '../../lambdas/domain/recovery/request.ts';
import type { Run } from '../../lambdas/domain/recovery/run.ts';

/** What a run is doing, as far as can be told from outside. */
export interface Phase {
  readonly name: string;
  readonly done: number;
  /** 0 where it is not known. */
  readonly total: number;
}

/**
 * How many files there are in one of a run's folders, which say how far it has come.
 * @param total with so many the folder is whole, and stays so
 */
export type CountFiles = (
  folder: 'scanned' | 'folded' | 'missing' | 'resent',
  total: number,
) => Promise<number>;

/** Verbs that compare with live state, and so wait for a known point. */
const FOLDS: ReadonlySet<Verb> = new Set(['reconcile', 'preview', 'rebuild']);
const SENDS: ReadonlySet<Verb> = new Set(['replay', 'redrive']);

/** The phase that comes first of those that are not over. What comes after it is not counted. */
export async function findPhase({ request, plan }: Run, count: CountFiles): Promise<Phase> {
  const { verb, dryRun } = request;
  if (!plan) {
    const waits = !dryRun && (FOLDS.has(verb) || (verb === 'verify' && request.certificate));
    return phase(waits ? 'waiting for projector and archive' : 'planning');
  }
  if (dryRun) return phase('concluding');
  const { batches, partitions, cold } = plan;
  if (SENDS.has(verb)) {
    const resent = await count('resent', batches);
    if (cold && resent === 0) return phase('restoring');
    return resent < batches ? phase('sending again', resent, batches) : phase('concluding');
  }
  const scanned = await count('scanned', batches);
  if (cold && scanned === 0) return phase('restoring');
  if (scanned < batches) return phase('reading the archive', scanned, batches);
  const folded = await count('folded', partitions);
  if (folded < partitions) return phase('folding', folded, partitions);
  // Written before their partition is folded, so that by now all are there.
  const missing = await count('missing', 0);
  const resent = missing === 0 ? 0 : await count('resent', missing);
  return resent < missing ? phase('sending again', resent, missing) : phase('concluding');
}

function phase(name: string, done = 0, total = 0): Phase {
  return { name, done, total };
}
