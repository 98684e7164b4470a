import type { Command } from 'commander';
import type { Context, Use } from '../platform/context.ts';
import { refused, wrongUsage } from '../platform/errors.ts';
import { oneOf } from '../platform/options.ts';
import { parseJson, readInput } from '../platform/read-input.ts';
import {
  type PaceOptions,
  type RangeOptions,
  type RunOptions,
  requestOf,
  withPace,
  withRange,
  withRun,
} from '../recovery/options.ts';
import type { Connect, RecoveryPorts } from '../recovery/ports.ts';
import { runVerb } from '../recovery/run-verb.ts';

type RedriveOptions = RunOptions &
  RangeOptions &
  PaceOptions & {
    readonly tenant?: string;
    readonly fingerprint?: string;
    readonly patch?: string;
    readonly queue?: 'webhooks';
  };

/** A fingerprint in full, as quarantine has it. */
const WHOLE = 32;

export function addRedrive(program: Command, context: Context, connect: Connect): void {
  const command = program
    .command('redrive')
    .description('send again what is in quarantine, or what webhooks left in their dead letter queue')
    .option('--tenant <tenant>', 'whose quarantine; without it the whole control table is read')
    .option(
      '--fingerprint <fingerprint>',
      'the cause, as weir quarantine list shows it; its beginning is enough',
    )
    .option('--patch <file>', 'JSON Patch (RFC 6902) for each held event; - for standard input')
    .option(
      '--queue <queue>',
      'webhooks: their dead letters, back to where they came from',
      oneOf('webhooks'),
    );
  withRun(withPace(withRange(command, 'what arrived')))
    .addHelpText(
      'after',
      '\nEvery event is validated before it is sent; what is refused again stays in quarantine.' +
        '\n\nExample:\n  $ weir redrive --tenant acme --fingerprint 3f2a9c01bd44 --patch fix.json --reason "unit was missing" --dry-run' +
        '\n  $ weir redrive --queue webhooks --reason "the table was throttled"',
    )
    .action((options: RedriveOptions) =>
      context.run(async (use) => {
        const asked = await readAsked(options, use);
        const ports = await connect(use.target());
        const request = { ...requestOf('redrive', options), ...(await sourceOf(asked, ports)) };
        return runVerb(request, options, ports, use);
      }),
    );
}

type Asked =
  | { readonly queue: 'webhooks' }
  | { readonly prefix: string; readonly tenant: string | undefined; readonly patch?: readonly unknown[] };

async function readAsked({ fingerprint, queue, patch, tenant }: RedriveOptions, use: Use): Promise<Asked> {
  if ((fingerprint === undefined) === (queue === undefined))
    throw wrongUsage('Say what to send again: either --fingerprint or --queue webhooks.');
  if (queue !== undefined) {
    if (patch === undefined && tenant === undefined) return { queue };
    throw wrongUsage('--queue takes all that is in the queue, as it is: no --tenant and no --patch.');
  }
  if (!new RegExp(`^[0-9a-f]{4,${WHOLE}}$`).test(fingerprint!))
    throw wrongUsage(
      `"${fingerprint}" is no fingerprint: 4 to ${WHOLE} hex digits.`,
      'weir quarantine list shows those that there are.',
    );
  return {
    ...{ prefix: fingerprint!, tenant },
    ...(patch !== undefined && { patch: await readPatch(patch, use) }),
  };
}

async function readPatch(file: string, { host }: Use): Promise<readonly unknown[]> {
  const patch = parseJson(await readInput(file, host), file);
  if (Array.isArray(patch)) return patch;
  throw wrongUsage(`${file} is no JSON Patch: it must be a list of operations.`);
}

/** What the request says: for a fingerprint's beginning, the one cause that begins so. */
async function sourceOf(asked: Asked, { fingerprints }: RecoveryPorts) {
  if ('queue' in asked) return asked;
  const { prefix, tenant, patch } = asked;
  const more = patch === undefined ? {} : { patch };
  if (prefix.length === WHOLE && tenant !== undefined) return { tenant, fingerprint: prefix, ...more };
  const found: { readonly tenant: string; readonly fingerprint: string }[] = [];
  for await (const { tenant: whose, fingerprint } of fingerprints(prefix, tenant))
    found.push({ tenant: whose, fingerprint });
  const [cause, second] = found;
  if (!cause)
    throw refused(
      `Nothing in quarantine has the fingerprint ${prefix}.`,
      'weir quarantine list shows what there is.',
    );
  if (second)
    throw refused(`${found.length} fingerprints begin with ${prefix}.`, 'Give more of it, or --tenant.');
  return { ...cause, ...more };
}
