import type { Command } from 'commander';
import type { Context } from '../platform/context.ts';
import {
  type PaceOptions,
  type RangeOptions,
  type RunOptions,
  requestOf,
  type WhoseOptions,
  withPace,
  withRange,
  withRun,
  withWhose,
} from '../recovery/options.ts';
import type { Connect } from '../recovery/ports.ts';
import { runVerb } from '../recovery/run-verb.ts';

type ReconcileOptions = RunOptions &
  RangeOptions &
  WhoseOptions &
  PaceOptions & { readonly repair?: boolean; readonly identities?: boolean };

export function addReconcile(program: Command, context: Context, connect: Connect): void {
  const command = program
    .command('reconcile')
    .description('compare every bucket with what the archive folds to')
    .option('--repair', 'replay what is missing, and write what differs anew under a new epoch')
    .option('--identities', 'look for one identity in two buckets instead');
  withRun(withPace(withWhose(withRange(command, 'windows that start'))))
    .addHelpText(
      'after',
      '\nExits with 1 where something differs, repaired or not.' +
        '\n\nExample:\n  $ weir reconcile --from 2026-11-21 --to 2026-11-22 --reason "before the invoices"',
    )
    .action((options: ReconcileOptions) =>
      context.run(async (use) => {
        const { repair = false, identities = false } = options;
        const request = { ...requestOf('reconcile', options), repair, identities };
        return runVerb(request, options, await connect(use.target()), use);
      }),
    );
}
