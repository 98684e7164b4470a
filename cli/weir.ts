import { Command, CommanderError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { addControl } from './control/command.ts';
import type { ConnectControl } from './control/ports.ts';
import { addCost } from './cost/command.ts';
import { addDoctor } from './doctor/command.ts';
import { addIncident } from './incident/command.ts';
import { Context } from './platform/context.ts';
import { EXIT } from './platform/errors.ts';
import type { Host } from './platform/host.ts';
import { DEFAULT_PROFILE } from './platform/profile.ts';
import { addPreview } from './preview/command.ts';
import { addProducers } from './producers/command.ts';
import { addQuarantine } from './quarantine/command.ts';
import { addRebuild } from './rebuild/command.ts';
import { addReconcile } from './reconcile/command.ts';
import { connectRecovery } from './recovery/connect.ts';
import type { Connect } from './recovery/ports.ts';
import { addRedrive } from './redrive/command.ts';
import { addReplay } from './replay/command.ts';
import { addRuns } from './runs/command.ts';
import { addSend } from './send/command.ts';
import { addTrace } from './trace/command.ts';
import { addUsage } from './usage/command.ts';
import { addVerify } from './verify/command.ts';
import { addWebhooks } from './webhooks/command.ts';

const AFTER = `
Which Weir: ${DEFAULT_PROFILE} (which npm start writes) unless one of WEIR_API_URL, WEIR_API_KEY, AWS_ENDPOINT_URL,
AWS_PROFILE and AWS_ACCESS_KEY_ID is set; then those, and the outputs of the deployed stacks.

Exit codes: 0 done; 1 done, but something was refused or differs; 2 wrong usage; 3 could not run; 130 interrupted.`;

/** Runs one command line. `connect` finds what recovery needs, `control` what the control plane does. @returns the exit code */
export async function runWeir(
  args: readonly string[],
  host: Host,
  connect: Connect = connectRecovery,
  control?: ConnectControl,
): Promise<number> {
  const program = new Command('weir')
    .description(
      'Usage events in, exact numbers out: sends events, shows usage, manages producers and webhooks, repairs and proves.',
    )
    .version(manifest.version)
    .option('--json', 'results as JSON, one value a line')
    .option('--profile-file <file>', `where Weir is, as in ${DEFAULT_PROFILE}`)
    .option('--region <region>', 'AWS region of the deployment')
    .option('--name <name>', "the deployment's name, as in lib/config/settings.ts", 'weir')
    .option('--debug', 'show stack traces')
    .addHelpText('after', AFTER)
    .showHelpAfterError('(--help shows how)')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
    });
  const context = new Context(program, host);
  for (const add of [
    addSend,
    addUsage,
    addProducers,
    addWebhooks,
    addQuarantine,
    addTrace,
    addDoctor,
    addIncident,
    addCost,
  ])
    add(program, context);
  for (const add of [addReconcile, addPreview, addRebuild, addReplay, addRedrive, addVerify, addRuns])
    add(program, context, connect);
  addControl(program, context, control);
  try {
    await program.parseAsync(args, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    throw error;
  }
}
