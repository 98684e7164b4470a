import { checkRevisions } from '../domain/recovery/check-revisions.ts';
import { refusesCold } from '../domain/recovery/estimate.ts';
import type { RunRequest } from '../domain/recovery/request.ts';
import { expiredBefore, SOON_MS } from '../domain/recovery/retention.ts';
import {
  type Plan,
  type PlanSummary,
  type Run,
  RunRefusedError,
  runFiles,
  type StageResult,
} from '../domain/recovery/run.ts';
import { readJson, settle, writeJson } from './files.ts';
import type { PlanPorts } from './ports.ts';
import { selectWork } from './select-work.ts';
import { type Bounds, setBounds } from './set-bounds.ts';
import { verifyChains } from './verify-chains.ts';

/** What the state machine is told of a plan. */
export interface Selected {
  readonly batches: number;
  readonly partitions: number;
  readonly stage: 'scan' | 'resend' | 'none';
  readonly fold: boolean;
  /** Whether objects may be in a cold tier. */
  readonly cold: boolean;
  readonly concurrency: number;
}

/**
 * Makes the run's plan, or takes the one that an earlier attempt made. Files come first, the plan last: where it is there,
 * they are all there, and a repetition that was overtaken writes them as they are.
 * @throws RunRefusedError where objects would have to be taken out of a cold tier, and the request does not say so
 */
export async function makePlan({ request, attempt }: Run, ports: PlanPorts): Promise<Selected> {
  const { files, runs, settings } = ports;
  const { requestId, dryRun } = request;
  const plan =
    (await readJson<Plan>(files, requestId, runFiles.plan)) ??
    (await settle(files, requestId, runFiles.plan, await draftPlan(request, ports)));
  const { cold, batches, partitions } = plan.summary;
  await runs.update(requestId, attempt, { plan: plan.summary });
  if (cold && !dryRun && request.restore === undefined) throw new RunRefusedError(refusesCold(cold));
  const stage = stageOf(request, batches);
  return {
    ...{ batches, partitions, stage },
    fold: stage === 'scan' && partitions > 0,
    cold: (await files.get(requestId, runFiles.cold)) !== undefined,
    concurrency: settings.concurrency,
  };
}

function stageOf({ verb, dryRun }: RunRequest, batches: number): Selected['stage'] {
  if (dryRun || batches === 0) return 'none';
  return verb === 'replay' || verb === 'redrive' ? 'resend' : 'scan';
}

async function draftPlan(asked: RunRequest, ports: PlanPorts): Promise<Plan> {
  checkRevisions(asked, ports.contracts);
  const request = await withScopeOfUndone(asked, ports);
  const bounds = await setBounds(request.requestId, ports);
  const { knownAt, archivedTo, projectedTo } = bounds;
  const summary =
    request.verb === 'verify'
      ? await verifyChains(request, bounds, ports)
      : await selectUndamaged(request, bounds, ports);
  return {
    request: afterExpired(request, summary, bounds.at, ports),
    summary,
    knownAt,
    archivedTo,
    projectedTo,
  };
}

/** Of verify: numbers that were acknowledged are looked for only from where on all objects are read. */
function afterExpired(
  request: RunRequest,
  { expired }: Plan['summary'],
  at: string,
  { settings }: PlanPorts,
): RunRequest {
  if (request.verb !== 'verify' || expired === undefined) return request;
  const fromMs = expiredBefore(Date.parse(at) + SOON_MS, settings.retentionDays);
  if (request.from !== undefined && Date.parse(request.from) >= fromMs) return request;
  return { ...request, from: new Date(fromMs).toISOString() };
}

/**
 * Selects what is read. The run's result says what is wrong with the manifests, and its second stage is told that the
 * archive is damaged: it then takes nothing out of state.
 * @throws RunRefusedError of a rebuild, which would
 */
async function selectUndamaged(request: RunRequest, bounds: Bounds, ports: PlanPorts): Promise<PlanSummary> {
  const { requestId, verb, dryRun } = request;
  const { summary, findings: broken } = await selectWork(request, bounds, ports);
  const findings = [...bounds.lost, ...broken];
  const [first] = findings;
  if (first && verb === 'rebuild')
    throw new RunRefusedError(
      `The archive's manifests are damaged, in ${findings.length} places, and nothing is rebuilt from them: ` +
        `${first.kind} at ${first.where}: ${first.detail}. Have "verify" find all that is wrong, mend it ` +
        '(docs/recovery.md), and begin a new run',
    );
  if (dryRun) return summary;
  const counts = findings.length > 0 ? { damaged: findings.length } : {};
  await writeJson(ports.files, requestId, runFiles.chain, { counts, findings } satisfies StageResult);
  return summary;
}

/**
 * What is undone is what the other run may have written: its range, its tenant, its types.
 * @throws RunRefusedError where that run has no plan, or wrote nothing
 */
async function withScopeOfUndone(request: RunRequest, { files }: PlanPorts): Promise<RunRequest> {
  if (request.verb !== 'rebuild' || request.undo === undefined) return request;
  const undone = (await readJson<Plan>(files, request.undo, runFiles.plan))?.request;
  if (!undone)
    throw new RunRefusedError(
      `There is no plan of a run "${request.undo}": runs are kept for a while only ("retainRunsDays"), and "weir runs" lists them`,
    );
  if ((undone.verb !== 'rebuild' && undone.verb !== 'reconcile') || undone.dryRun)
    throw new RunRefusedError(
      `Only a rebuild, or a reconcile with "repair", that was no dry run can be undone: "${request.undo}" is a ${undone.verb}`,
    );
  if ('undo' in undone && undone.undo !== undefined)
    throw new RunRefusedError(
      `"${request.undo}" is itself an undo, of "${undone.undo}", and can’t be undone: for its buckets as that run had them, ask for the same once more under a new request id`,
    );
  const { from, to, tenant, subject, types } = undone;
  const scope = Object.entries({ from, to, tenant, subject, types });
  return { ...request, ...Object.fromEntries(scope.filter(([, value]) => value !== undefined)) };
}
