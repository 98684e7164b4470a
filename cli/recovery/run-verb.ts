import { randomBytes } from 'node:crypto';
import type { Verb } from '../../lambdas/domain/recovery/request.ts';
import type { Use } from '../platform/context.ts';
import { EXIT, wrongUsage } from '../platform/errors.ts';
import type { RunOptions } from './options.ts';
import type { RecoveryPorts } from './ports.ts';
import { type Presentation, presentRun } from './present-run.ts';
import { sayStarted } from './say-started.ts';
import { watchRun } from './watch-run.ts';

export type Asking = { readonly verb: Verb } & Readonly<Record<string, unknown>>;

/** Starts a run, watches it to its end and shows what it came to. @returns the exit code */
export async function runVerb(
  request: Asking,
  options: RunOptions,
  ports: RecoveryPorts,
  use: Use,
  presentation: Presentation = {},
): Promise<number> {
  const { requestId = makeRequestId(request.verb, ports.now()), restore } = options;
  const started = await ports.recover({
    ...request,
    requestId,
    operator: options.operator ?? (await ports.operator()),
    reason: requireReason(options.reason),
    dryRun: options.dryRun ?? false,
    ...(restore !== undefined && { restore }),
  });
  return follow(
    started.requestId ?? requestId,
    options.wait,
    ports,
    use,
    () => sayStarted(started, use),
    presentation,
  );
}

/** Watches a run that was started, or says how to. */
export async function follow(
  requestId: string,
  wait: boolean,
  ports: RecoveryPorts,
  use: Use,
  leave: () => void,
  presentation: Presentation = {},
): Promise<number> {
  if (!wait) {
    leave();
    return EXIT.done;
  }
  use.output.note(use.output.colors.dim(`run ${requestId} on ${use.target().label}`));
  return presentRun(await watchRun(requestId, ports, use), ports, use, presentation);
}

/** @throws CliError where none is given: a run without a reason is one that nobody can account for */
export function requireReason(reason: string | undefined): string {
  if (reason?.trim()) return reason;
  throw wrongUsage('Say why, with --reason "…": it stands in the audit.');
}

/** `reconcile-20261121T124501-3f2a`: readable, and nobody else's. */
function makeRequestId(verb: Verb, now: number): string {
  const at = new Date(now).toISOString().replace(/[-:]|\..*/g, '');
  return `${verb}-${at}-${randomBytes(2).toString('hex')}`;
}
