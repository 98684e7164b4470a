import type { Runs } from '../../../lambdas/domain/recovery/ports.ts';
import type { Run } from '../../../lambdas/domain/recovery/run.ts';
import type { Producer } from '../../producers/producer.ts';
import { bad, type Finding, good, note } from '../finding.ts';
import { takeLatest } from '../latest-runs.ts';

const DAY_MS = 86_400_000;
/** Runs of the schedule come hourly: these are three weeks of them, and what was run by hand. */
const MAX_LOOKED = 1_000;
/** Chain, hashes and acknowledged numbers are looked at once a week. */
const VERIFIED_DAYS = 8;
/** The way back is walked once a quarter, so that it is known when it is needed. */
const DRILLED_DAYS = 100;
const KEY_DAYS = 365;
const EXPIRES_DAYS = 14;

export interface Proofs {
  readonly runs: Pick<Runs, 'latest'>;
  readonly producers: () => AsyncIterable<Producer>;
  readonly now: number;
}

/** Whether what must be done now and then was done. */
export async function* checkProofs({ runs, producers, now }: Proofs): AsyncGenerator<Finding> {
  const latest = await takeLatest(runs, MAX_LOOKED);
  yield judgeVerify(latest, now);
  yield judgeDrill(latest, now);
  yield* checkKeys(producers(), now);
}

const ended = ({ status, request }: Run): boolean => status !== 'running' && !request.dryRun;
const daysAgo = (at: string, now: number): number => Math.floor((now - Date.parse(at)) / DAY_MS);

function judgeVerify(runs: readonly Run[], now: number): Finding {
  const next = 'weir verify --reason "weekly" looks at chain, hashes and acknowledged numbers.';
  const last = runs.find((run) => run.request.verb === 'verify' && ended(run));
  if (!last) return note('verify', 'is not among the latest runs', next);
  const detail = `${last.status} ${daysAgo(last.startedAt, now)} days ago`;
  if (last.status !== 'done')
    return bad('verify', detail, `weir runs show ${last.request.requestId} says what it found.`);
  return daysAgo(last.startedAt, now) <= VERIFIED_DAYS
    ? good('verify', detail)
    : note('verify', detail, next);
}

/** Anything that folds or sends from the archive shows that the way back can be walked; a dry run does not. */
function judgeDrill(runs: readonly Run[], now: number): Finding {
  const last = runs.find(
    (run) =>
      ['replay', 'preview', 'rebuild'].includes(run.request.verb) && ended(run) && run.status !== 'failed',
  );
  const next =
    'weir replay of an hour (what is counted stays as it is), or weir preview, with --reason "drill": then you know what it takes.';
  if (!last) return note('drill', 'no replay, preview or rebuild is among the latest runs', next);
  const days = daysAgo(last.startedAt, now);
  const detail = `${last.request.verb} ${days} days ago`;
  return days <= DRILLED_DAYS ? good('drill', detail) : note('drill', detail, next);
}

async function* checkKeys(producers: AsyncIterable<Producer>, now: number): AsyncGenerator<Finding> {
  let keys = 0;
  let old = 0;
  let ending = 0;
  for await (const { keys: all } of producers) {
    for (const { status, created, expires } of all) {
      if (status !== 'active' || (expires !== undefined && Date.parse(expires) <= now)) continue;
      keys += 1;
      if (daysAgo(created, now) > KEY_DAYS) old += 1;
      if (expires !== undefined && Date.parse(expires) - now < EXPIRES_DAYS * DAY_MS) ending += 1;
    }
  }
  const next =
    'weir producers list shows them; weir producers rotate gives a second key, and an end to the first.';
  if (ending > 0) yield bad('keys', `${ending} of ${keys} end within ${EXPIRES_DAYS} days`, next);
  if (old > 0) yield note('keys', `${old} of ${keys} are older than ${KEY_DAYS} days`, next);
  if (ending + old === 0) yield good('keys', `${keys} in use, none too old`);
}
