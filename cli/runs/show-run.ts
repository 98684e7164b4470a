import type { AuditEntry } from '../../lambdas/domain/recovery/ports.ts';
import type { Run } from '../../lambdas/domain/recovery/run.ts';
import type { Use } from '../platform/context.ts';
import { EXIT } from '../platform/errors.ts';
import { type Output, printable } from '../platform/output.ts';
import { sayPreview } from '../preview/say-preview.ts';
import type { RecoveryPorts } from '../recovery/ports.ts';
import { sayRun } from '../recovery/present-run.ts';
import { readDifferences } from '../recovery/read-differences.ts';
import { findRun } from '../recovery/watch-run.ts';
import { saveCertificate } from '../verify/save-certificate.ts';

interface ShowOptions {
  readonly differences?: boolean;
  readonly out?: string;
}

/** Shows all that is known of a run: what it is for, how it went, what it found. */
export async function showRun(
  requestId: string,
  { differences, out }: ShowOptions,
  ports: RecoveryPorts,
  use: Use,
): Promise<number> {
  const { output } = use;
  const run = await findRun(requestId, ports);
  const audit = await ports.audit.of(requestId);
  output.emit({ run, audit });
  sayRun(run, output);
  if (run.error !== undefined) output.say(printable(run.error));
  sayRequest(run, output);
  sayAudit(audit, output);
  const { verb, dryRun } = run.request;
  if (verb === 'preview' && !dryRun && run.result && !differences) await sayPreview(requestId, ports, output);
  if (differences) {
    for await (const difference of readDifferences(requestId, ports)) {
      output.emit({ difference });
      output.say(printable(JSON.stringify(difference)));
    }
  }
  if (out !== undefined) await saveCertificate(run, out, ports, use);
  return EXIT.done;
}

function sayRequest({ request, execution }: Run, output: Output): void {
  output.say();
  output.say('Request:');
  for (const line of JSON.stringify(request, null, 2).split('\n')) output.say(`  ${printable(line)}`);
  if (execution !== undefined) output.say(`Execution: ${printable(execution)}`);
}

/** Each attempt begins with a line of its own: started, or resumed. */
function sayAudit(audit: readonly AuditEntry[], output: Output): void {
  output.say();
  if (audit.length === 0) {
    output.say('The audit has nothing of this run.');
    return;
  }
  output.say('Audit:');
  output.table(
    ['at', 'attempt', 'what', 'by', 'why'],
    audit.map(({ at, attempt, what, operator, reason }) => [at, attempt, what, operator, reason]),
  );
  // What was asked for has a member of that name too, which is no hash.
  const certificates = audit.map(({ detail }) => (detail as { certificate?: unknown }).certificate);
  const issued = new Set(certificates.filter((each) => typeof each === 'string'));
  for (const sha256 of issued) output.say(`SHA-256 of its certificate, by the audit: ${printable(sha256)}`);
}
