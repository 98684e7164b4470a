import type { Command } from 'commander';
import type { RunStatus } from '../../lambdas/domain/recovery/run.ts';
import type { Context, Use } from '../platform/context.ts';
import { EXIT } from '../platform/errors.ts';
import { oneOf, whole } from '../platform/options.ts';
import { printable } from '../platform/output.ts';
import type { Connect, RecoveryPorts } from '../recovery/ports.ts';
import { presentRun } from '../recovery/present-run.ts';
import { follow, requireReason } from '../recovery/run-verb.ts';
import { sayStarted } from '../recovery/say-started.ts';
import { watchRun } from '../recovery/watch-run.ts';
import { listRuns } from './list-runs.ts';
import { showRun } from './show-run.ts';

interface CommandOptions {
  readonly reason?: string;
  readonly operator?: string;
  readonly wait: boolean;
}

interface OutOptions {
  readonly out?: string;
}

export function addRuns(program: Command, context: Context, connect: Connect): void {
  const runs = program
    .command('runs')
    .description('what was recovered, by whom and why; watch, cancel, resume');
  const run = (command: (ports: RecoveryPorts, use: Use) => Promise<number>) =>
    context.run(async (use) => command(await connect(use.target()), use));
  addLooking(runs, run);
  runs
    .command('cancel')
    .description('end a run; what it has done stays done')
    .argument('<request id>', 'as the list shows it')
    .option('--reason <text>', 'why; it stands in the audit')
    .option('--operator <who>', 'who asks, where it is not whoever is signed in')
    .addHelpText(
      'after',
      '\nExample:\n  $ weir runs cancel replay-20261121T124501-3f2a --reason "wrong range"',
    )
    .action((requestId: string, options: CommandOptions) =>
      run((ports, use) => tell('cancel', requestId, options, ports, use)),
    );
  runs
    .command('resume')
    .description('go on with a run that failed or was cancelled: another attempt at the same plan')
    .argument('<request id>', 'as the list shows it')
    .option('--reason <text>', 'why; it stands in the audit')
    .option('--operator <who>', 'who asks, where it is not whoever is signed in')
    .option('--no-wait', 'start it and leave it')
    .addHelpText(
      'after',
      '\nExample:\n  $ weir runs resume rebuild-20261121T124501-3f2a --reason "the table answers again"',
    )
    .action((requestId: string, options: CommandOptions) =>
      run((ports, use) => tell('resume', requestId, options, ports, use)),
    );
}

type RunCommandLine = (command: (ports: RecoveryPorts, use: Use) => Promise<number>) => Promise<void>;

const STATUSES = [
  'running',
  'done',
  'differs',
  'failed',
  'cancelled',
] as const satisfies readonly RunStatus[];

function addLooking(runs: Command, run: RunCommandLine): void {
  runs
    .command('list')
    .description('list runs, the latest first')
    .option('--status <status>', STATUSES.join(', '), oneOf(...STATUSES))
    .option('--limit <n>', 'how many', whole(1), 50)
    .addHelpText('after', '\nExample:\n  $ weir runs list --status failed')
    .action((options: { status?: RunStatus; limit: number }) =>
      run((ports, use) => listRuns(options, ports, use)),
    );
  runs
    .command('show')
    .description('show a run: who asked for what and why, its attempts, what was found and done')
    .argument('<request id>', 'as the list shows it')
    .option('--differences', 'all differences, as JSON, one a line')
    .option('--out <file>', 'save its certificate, and the proofs beside it')
    .addHelpText('after', '\nExample:\n  $ weir runs show reconcile-20261121T124501-3f2a')
    .action((requestId: string, options: OutOptions & { differences?: boolean }) =>
      run((ports, use) => showRun(requestId, options, ports, use)),
    );
  runs
    .command('watch')
    .description('watch a run to its end, and show what it came to')
    .argument('<request id>', 'as the list shows it')
    .option('--out <file>', 'where to save its certificate, and the proofs beside it')
    .addHelpText('after', '\nExample:\n  $ weir runs watch reconcile-20261121T124501-3f2a')
    .action((requestId: string, options: OutOptions) =>
      run(async (ports, use) => presentRun(await watchRun(requestId, ports, use), ports, use, options)),
    );
}

async function tell(
  command: 'cancel' | 'resume',
  requestId: string,
  { reason, operator, wait }: CommandOptions,
  ports: RecoveryPorts,
  use: Use,
): Promise<number> {
  const why = requireReason(reason);
  const who = operator ?? (await ports.operator());
  const answer = await ports.recover({ command, requestId, operator: who, reason: why });
  if (command === 'resume') return follow(requestId, wait, ports, use, () => sayStarted(answer, use));
  use.output.emit(answer);
  use.output.say(`${printable(requestId)} is ${printable(answer.status)}. What it has done stays done.`);
  return EXIT.done;
}
