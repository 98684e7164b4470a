import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Anchors } from '../../lambdas/domain/recovery/anchors.ts';
import type { Runs } from '../../lambdas/domain/recovery/ports.ts';
import type { RunRequest } from '../../lambdas/domain/recovery/request.ts';
import type { Run } from '../../lambdas/domain/recovery/run.ts';
import type { StackOutputs } from '../platform/stack-outputs.ts';
import { bad, type Finding, good, note } from './finding.ts';

const DAY_MS = 86_400_000;
/** Anchors are put once a day: older than this, one was left out. */
const ANCHOR_MS = 2 * DAY_MS;
/** How far back the last anchor is looked for. */
const LOOK_BACK_MS = 7 * DAY_MS;
/** Scheduled runs come hourly: with none for this long, nobody compares. */
const RECONCILED_MS = 2 * DAY_MS;
/** So many runs are looked at for the last of them. */
const MAX_LOOKED = 500;

export interface Recovery {
  readonly sqs: Pick<SQSClient, 'send'>;
  readonly anchors: Pick<Anchors, 'read'>;
  readonly runs: Pick<Runs, 'latest'>;
  readonly outputs: Pick<StackOutputs, 'repairQueueUrl' | 'repairDeadQueueUrl'>;
  readonly now: number;
}

/** Whether what the projector gave up is being healed, and whether the numbers are being proved. */
export async function* checkRecovery(recovery: Recovery): AsyncGenerator<Finding> {
  yield await checkRepairs(recovery);
  yield await checkAnchors(recovery);
  yield checkReconcile(await lastReconcile(recovery.runs), recovery.now);
}

export async function checkRepairs({ sqs, outputs }: Pick<Recovery, 'sqs' | 'outputs'>): Promise<Finding> {
  const [waiting, dead] = await Promise.all(
    [outputs.repairQueueUrl, outputs.repairDeadQueueUrl].map((url) => countMessages(sqs, url)),
  );
  if (dead! > 0) {
    const next = 'What they hold is not counted. docs/runbook.md, "Repair gave up", says what to do.';
    return bad('repairs', `repair gave up ${dead} ranges of the log`, next);
  }
  if (waiting! > 0) {
    const next =
      'It heals by itself once the archive has passed them. If it does not: the log of weir-repair.';
    return note('repairs', `${waiting} ranges of the log wait to be repaired`, next);
  }
  return good('repairs', 'none waiting');
}

/** Also those that are being handled, or wait to be tried again. */
export async function countMessages(sqs: Pick<SQSClient, 'send'>, url: string): Promise<number> {
  const names = [
    'ApproximateNumberOfMessages',
    'ApproximateNumberOfMessagesNotVisible',
    'ApproximateNumberOfMessagesDelayed',
  ] as const;
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...names] }),
  );
  return names.reduce((sum, name) => sum + Number(Attributes?.[name] ?? 0), 0);
}

async function checkAnchors({ anchors, now }: Pick<Recovery, 'anchors' | 'now'>): Promise<Finding> {
  const from = new Date(now - LOOK_BACK_MS).toISOString().slice(0, 10);
  let last = '';
  for await (const some of anchors.read(from)) for (const { at } of some) if (at > last) last = at;
  if (last === '') {
    const next =
      'Right after a deploy there is none until the next day. Else look at the log of weir-anchor.';
    return note('anchors', 'none in the last seven days', next);
  }
  if (now - Date.parse(last) <= ANCHOR_MS) return good('anchors', `chains were anchored at ${last}`);
  return bad('anchors', `the last one is of ${last}`, 'Look at the log of weir-anchor: it puts one a day.');
}

function comparesBuckets(request: RunRequest): boolean {
  return request.verb === 'reconcile' && !request.dryRun && !request.identities;
}

async function lastReconcile(runs: Pick<Runs, 'latest'>): Promise<Run | undefined> {
  let looked = 0;
  for await (const page of runs.latest()) {
    const found = page.find(({ request, status }) => comparesBuckets(request) && status !== 'running');
    looked += page.length;
    if (found || looked >= MAX_LOOKED) return found;
  }
  return undefined;
}

function checkReconcile(last: Run | undefined, now: number): Finding {
  if (!last) {
    const next = 'weir reconcile --reason "…" compares every bucket with the archive.';
    return note('reconcile', 'has not run yet', next);
  }
  const { request, status, startedAt } = last;
  const show = `weir runs show ${request.requestId} says what it found.`;
  if (status !== 'done') return bad('reconcile', `the last run, of ${startedAt}, ended as: ${status}`, show);
  return now - Date.parse(startedAt) <= RECONCILED_MS
    ? good('reconcile', `all agreed at ${startedAt}`)
    : note(
        'reconcile',
        `all agreed at ${startedAt}, and it has not run since`,
        'weir reconcile runs it now.',
      );
}
