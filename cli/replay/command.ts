import type { Command } from 'commander';
import type { Context } from '../platform/context.ts';
import { wrongUsage } from '../platform/errors.ts';
import { list } from '../platform/options.ts';
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

type ReplayOptions = RunOptions &
  RangeOptions &
  WhoseOptions &
  PaceOptions & {
    readonly ids?: readonly string[];
    readonly shard?: string;
    readonly first?: string;
    readonly last?: string;
  };

export function addReplay(program: Command, context: Context, connect: Connect): void {
  const command = program
    .command('replay')
    .description('send archived events into the log again; what is counted already stays as it is')
    .option('--ids <ids>', 'only these CloudEvents ids, comma-separated', list)
    .option('--shard <id>', 'only what came in by this shard')
    .option('--first <sequence>', 'from this sequence number of the shard on')
    .option('--last <sequence>', 'up to this sequence number of the shard');
  withRun(withPace(withWhose(withRange(command, 'what arrived'))))
    .addHelpText(
      'after',
      '\nExample:\n  $ weir replay --tenant acme --from 2026-11-21T07:00:00Z --to 2026-11-21T08:00:00Z --reason "INC-7" --dry-run',
    )
    .action((options: ReplayOptions) =>
      context.run(async (use) => {
        const { ids } = options;
        const request = {
          ...requestOf('replay', options),
          ...(ids && { ids }),
          ...shardOf(options),
        };
        return runVerb(request, options, await connect(use.target()), use);
      }),
    );
}

function shardOf({ shard: shardId, first, last }: ReplayOptions) {
  if (shardId === undefined) {
    if (first === undefined && last === undefined) return {};
    throw wrongUsage('--first and --last are places in a shard.', 'Say which, with --shard.');
  }
  return { shard: { shardId, ...(first !== undefined && { first }), ...(last !== undefined && { last }) } };
}
