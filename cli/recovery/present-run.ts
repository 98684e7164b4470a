import type { Run, RunStatus } from '../../lambdas/domain/recovery/run.ts';
import type { Use } from '../platform/context.ts';
import { couldNotRun, EXIT } from '../platform/errors.ts';
import { type Output, printable, seconds } from '../platform/output.ts';
import { sayPreview } from '../preview/say-preview.ts';
import { saveCertificate } from '../verify/save-certificate.ts';
import type { RecoveryPorts } from './ports.ts';
import { sayCounts, sayFindings } from './say-findings.ts';
import { sayPlan } from './say-plan.ts';

export interface Presentation {
  /** Where to save a certificate. */
  readonly out?: string;
}

/** Shows what a run came to. @returns the exit code @throws CliError where it failed or was cancelled */
export async function presentRun(
  run: Run,
  ports: RecoveryPorts,
  use: Use,
  { out }: Presentation,
): Promise<number> {
  const { output } = use;
  output.emit({ run });
  sayRun(run, output);
  const { request } = run;
  if (run.status === 'done' || run.status === 'differs') {
    if (request.verb === 'preview' && !request.dryRun) await sayPreview(request.requestId, ports, output);
    if (request.verb === 'verify' && out !== undefined) await saveCertificate(run, out, ports, use);
    if (rewrites(run)) output.say(`The way back: weir rebuild --undo ${request.requestId} --reason "…"`);
  }
  return exitCodeOf(run);
}

/** Whether there may be something to put back. */
function rewrites({ request, status }: Run): boolean {
  if (request.dryRun) return false;
  if (request.verb === 'reconcile') return request.repair && status === 'differs';
  return request.verb === 'rebuild' && request.undo === undefined;
}

/** How it stands: heading, plan or counts, findings. */
export function sayRun(
  { request, status, attempt, startedAt, endedAt, plan, result }: Run,
  output: Output,
): void {
  const { requestId, dryRun } = request;
  const took = endedAt === undefined ? '' : ` in ${seconds(Date.parse(endedAt) - Date.parse(startedAt))}`;
  const name = output.colors.bold(printable(requestId));
  output.say(
    `${name}: ${paint(status, output)}${took}${attempt > 1 ? `, attempt ${attempt}` : ''}${dryRun ? ' (dry run)' : ''}`,
  );
  // The result of a dry run is its plan.
  if (plan && (dryRun || !result)) sayPlan(plan, output);
  if (!result || dryRun) return;
  sayCounts(result.counts, output);
  sayFindings(result.findings, requestId, output);
}

/** What a status means, for people. */
export function paint(status: RunStatus, { colors }: Output): string {
  const colour = {
    running: colors.cyan,
    done: colors.green,
    differs: colors.yellow,
    failed: colors.red,
    cancelled: colors.red,
  }[status];
  return colour(status);
}

function exitCodeOf({ status, error, request: { requestId } }: Run): number {
  const again = `Go on where it ended: weir runs resume ${requestId} --reason "…".`;
  if (status === 'failed') throw couldNotRun(printable(error ?? 'The run failed.'), again);
  if (status === 'cancelled') throw couldNotRun('The run was cancelled.', again);
  return status === 'differs' ? EXIT.differs : EXIT.done;
}
