import type { Run, RunStatus } from '../../lambdas/domain/recovery/run.ts';
import type { Use } from '../platform/context.ts';
import { EXIT } from '../platform/errors.ts';
import { seconds } from '../platform/output.ts';
import type { RecoveryPorts } from '../recovery/ports.ts';
import { paint } from '../recovery/present-run.ts';

/** So many runs are looked at: three weeks of the schedule's at least. */
const MAX_LOOKED = 1_000;

export async function listRuns(
  { status, limit }: { readonly status?: RunStatus; readonly limit: number },
  { runs }: Pick<RecoveryPorts, 'runs'>,
  { output }: Use,
): Promise<number> {
  const found: Run[] = [];
  let looked = 0;
  for await (const page of runs.latest()) {
    found.push(...page.filter((run) => status === undefined || run.status === status));
    looked += page.length;
    if (found.length >= limit || looked >= MAX_LOOKED) break;
  }
  found.splice(limit);
  for (const run of found) output.emit(run);
  if (found.length === 0) output.say('There are no such runs.');
  else {
    output.table(
      ['run', 'verb', 'status', 'attempt', 'started', 'took', 'by', 'why'],
      found.map((run) => rowOf(run, (text) => paint(text as RunStatus, output))),
    );
  }
  if (found.length < limit && looked >= MAX_LOOKED)
    output.say(`These are of the latest ${looked} runs. The audit bucket has those before.`);
  return EXIT.done;
}

function rowOf({ request, status, attempt, startedAt, endedAt }: Run, colour: (text: string) => string) {
  const { requestId, verb, dryRun, operator, reason } = request;
  return [
    requestId,
    dryRun ? `${verb} (dry run)` : verb,
    { text: status, paint: colour },
    attempt,
    startedAt.slice(0, 16).replace('T', ' '),
    endedAt === undefined ? '' : seconds(Date.parse(endedAt) - Date.parse(startedAt)),
    shorten(operator.replace(/^arn:.*?:(?=[^:]*$)/, '')),
    shorten(reason),
  ];
}

const WIDTH = 32;

function shorten(text: string): string {
  return text.length <= WIDTH ? text : `${text.slice(0, WIDTH - 1)}…`;
}
