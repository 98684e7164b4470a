import { RunRefusedError } from '../domain/recovery/run.ts';
import { assertRunning } from '../platform/assert-running.ts';
import type { Fold, FoldPorts } from './fold-ports.ts';

/** @throws RunCancelledError, and RunRefusedError where a rebuild would leave out what a damaged object held */
export async function ensureGoing(fold: Fold, { runs }: FoldPorts): Promise<void> {
  const { plan, damaged } = fold;
  await assertRunning(runs, fold);
  if (damaged && plan.request.verb === 'rebuild')
    throw new RunRefusedError(
      'archive objects of this range are lost, changed, or hold what another build has written, so buckets folded from ' +
        'it would lack what they held: "verify" names them. Nothing more was rebuilt',
    );
}
