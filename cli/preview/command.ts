import type { Command } from 'commander';
import type { Context } from '../platform/context.ts';
import {
  type RangeOptions,
  type RunOptions,
  requestOf,
  type WhoseOptions,
  withRange,
  withRevisions,
  withRun,
  withWhose,
} from '../recovery/options.ts';
import type { Connect } from '../recovery/ports.ts';
import { runVerb } from '../recovery/run-verb.ts';
import { readContracts } from './read-contracts.ts';

type PreviewOptions = RunOptions &
  RangeOptions &
  WhoseOptions & { readonly revision: Readonly<Record<string, number>>; readonly contracts?: string };

export function addPreview(program: Command, context: Context, connect: Connect): void {
  const command = program
    .command('preview')
    .description('fold the archive by other meters, and show what would change: old, new, difference')
    .option('--contracts <folder>', 'contracts that are not deployed yet, in place of the deployed ones');
  withRun(withRevisions(withWhose(withRange(command, 'windows that start'))))
    .addHelpText(
      'after',
      '\nNothing is changed. Values that add up are summed over the windows, others shown for each.' +
        '\n\nExample:\n  $ weir preview --contracts contracts --types disk.write --from 2026-11-21 --reason "wrong field, see INC-7"',
    )
    .action((options: PreviewOptions) =>
      context.run(async (use) => {
        const { contracts: folder, types } = options;
        const contracts = folder === undefined ? undefined : await readContracts(folder, use.host.cwd, types);
        const request = { ...requestOf('preview', options), ...(contracts && { contracts }) };
        return runVerb(request, options, await connect(use.target()), use);
      }),
    );
}
