import type { Verb } from '../../lambdas/domain/recovery/request.ts';
import type { Run } from '../../lambdas/domain/recovery/run.ts';

/** What a run is doing, as far as can be told from outside. */
export interface Phase {
  readonly name: string;
  readonly done: number;
  /** 0 where it is not known. */
  readonly total: number;
}

/** Files of a run that say how far it has come. */
export interface Finished {
  readonly scanned: number;
  readonly folded: number;
  readonly resent: number;
  /** Partitions whose missing events are to be sent again. */
  readonly missing: number;
}

/** Verbs that compare with live state, and so wait for a known point. */
const FOLDS: ReadonlySet<Verb> = new Set(['reconcile', 'preview', 'rebuild']);
const SENDS: ReadonlySet<Verb> = new Set(['replay', 'redrive']);

/** The phase that comes first of those that are not over. */
export function findPhase({ request, plan }: Run, { scanned, folded, resent, missing }: Finished): Phase {
  const { verb, dryRun } = request;
  if (!plan) {
    const waits = !dryRun && (FOLDS.has(verb) || (verb === 'verify' && request.certificate));
    return phase(waits ? 'waiting for projector and archive' : 'planning');
  }
  if (dryRun) return phase('concluding');
  if (SENDS.has(verb)) {
    if (plan.cold && resent === 0) return phase('restoring');
    return resent < plan.batches ? phase('sending again', resent, plan.batches) : phase('concluding');
  }
  if (plan.cold && scanned === 0) return phase('restoring');
  if (scanned < plan.batches) return phase('reading the archive', scanned, plan.batches);
  if (folded < plan.partitions) return phase('folding', folded, plan.partitions);
  if (resent < missing) return phase('sending again', resent, missing);
  return phase('concluding');
}

function phase(name: string, done = 0, total = 0): Phase {
  return { name, done, total };
}
