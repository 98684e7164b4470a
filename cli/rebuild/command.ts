import type { Command } from 'commander';
import type { Context } from '../platform/context.ts';
import { printable } from '../platform/output.ts';
import { confirm } from '../recovery/confirm.ts';
import {
  type PaceOptions,
  type RangeOptions,
  type RunOptions,
  requestOf,
  type WhoseOptions,
  withPace,
  withRange,
  withRevisions,
  withRun,
  withWhose,
} from '../recovery/options.ts';
import type { Connect } from '../recovery/ports.ts';
import { requireReason, runVerb } from '../recovery/run-verb.ts';

type RebuildOptions = RunOptions &
  RangeOptions &
  WhoseOptions &
  PaceOptions & {
    readonly revision: Readonly<Record<string, number>>;
    readonly undo?: string;
    readonly yes?: boolean;
  };

export function addRebuild(program: Command, context: Context, connect: Connect): void {
  const command = program
    .command('rebuild')
    .description('write buckets anew from the archive, under a new epoch')
    .option('--undo <request id>', 'the way back: put the buckets back that this rebuild replaced')
    .option('--yes', 'do not ask');
  withRun(withRevisions(withPace(withWhose(withRange(command, 'windows that start')))))
    .addHelpText(
      'after',
      '\nLook first what would change: weir preview, with the same options. What is replaced is kept, as the way back.' +
        '\n\nExample:\n  $ weir rebuild --types disk.write --from 2026-11-21 --to 2026-11-22 --reason "wrong field, see INC-7"' +
        '\n  $ weir rebuild --undo rebuild-20261121T124501-3f2a --reason "the other way was right"',
    )
    .action((options: RebuildOptions) =>
      context.run(async (use) => {
        const { undo, dryRun, yes } = options;
        const request = { ...requestOf('rebuild', options), ...(undo !== undefined && { undo }) };
        requireReason(options.reason);
        const ports = await connect(use.target());
        if (!dryRun && !yes) await confirm(`${question(options)} Go on?`, use.host);
        return runVerb(request, options, ports, use);
      }),
    );
}

function question({ undo, tenant, subject, types, from, to, revision }: RebuildOptions): string {
  if (undo !== undefined) return `Put back what ${printable(undo)} replaced.`;
  const whose = [
    tenant === undefined ? 'all tenants' : `tenant ${tenant}`,
    subject === undefined ? '' : `subject ${subject}`,
    types === undefined ? 'all types' : types.join(', '),
    `windows from ${from ?? 'the beginning'} to ${to ?? 'now'}`,
    ...Object.entries(revision).map(([type, number]) => `${type} by revision ${number}`),
  ];
  return `Write buckets anew: ${printable(whose.filter(Boolean).join(', '))}.`;
}
