import type { Command } from 'commander';
import type { Context, Use } from '../platform/context.ts';
import { wrongUsage } from '../platform/errors.ts';
import { type RangeOptions, type RunOptions, requestOf, withRange, withRun } from '../recovery/options.ts';
import type { Connect } from '../recovery/ports.ts';
import { runVerb } from '../recovery/run-verb.ts';
import { checkFile } from './check-file.ts';

type VerifyOptions = RunOptions &
  RangeOptions & {
    readonly certificate?: boolean;
    readonly out?: string;
    readonly check?: string;
    readonly objects?: string;
  };

/** Where a certificate goes if nothing else is said. */
const OUT = 'weir-certificate.json';

export function addVerify(program: Command, context: Context, connect: Connect): void {
  const command = program
    .command('verify')
    .description('check the archive: chains, anchors, hashes, acknowledged numbers; issue a certificate')
    .option('--certificate', 'account for every accepted event of the range, and issue the certificate')
    .option('--out <file>', `where to save the certificate, and its proofs beside it (default: ${OUT})`)
    .option('--check <file>', 'check a certificate that was saved; needs no Weir')
    .option('--objects <folder>', 'with --check: the archive objects too, from a copy of the archive bucket');
  withRun(withRange(command, 'what arrived'))
    .addHelpText(
      'after',
      '\nExits with 1 where something is damaged or missing.' +
        '\n\nExample:\n  $ weir verify --certificate --from 2026-11-01 --to 2026-12-01 --out november.json --reason "month end"' +
        '\n  $ weir verify --check november.json --objects ./archive-copy',
    )
    .action((options: VerifyOptions) => context.run((use) => verify(options, connect, use)));
}

async function verify(options: VerifyOptions, connect: Connect, use: Use): Promise<number> {
  const { check, objects, out, dryRun } = options;
  if (check !== undefined) return checkFile(check, objects, use);
  if (objects !== undefined) throw wrongUsage('--objects goes with --check.');
  const certificate = options.certificate === true || out !== undefined;
  const request = { ...requestOf('verify', options), certificate };
  const presentation = certificate && !dryRun ? { out: out ?? OUT } : {};
  return runVerb(request, options, await connect(use.target()), use, presentation);
}
