import { sloReadingsOf } from '../../lib/observability/slo-readings.ts';
import { readLogFacts } from '../platform/deployment.ts';
import { CliError, explain } from '../platform/errors.ts';
import type { Target } from '../platform/target.ts';
import { checkApi } from './check-api.ts';
import { checkCanary } from './check-canary.ts';
import { checkDeadLetters } from './check-dead-letters.ts';
import { checkDeploys } from './check-deploys.ts';
import { checkFlow } from './check-flow.ts';
import { checkProbe } from './check-probe.ts';
import { checkRecovery, checkRepairs } from './check-recovery.ts';
import { checkRelease } from './check-release.ts';
import { checkStorage } from './check-storage.ts';
import { checkWatched } from './check-watched.ts';
import { type Connected, connectDoctor } from './connect.ts';
import { bad, type Finding, good } from './finding.ts';
import { checkAlerting, checkLogs } from './production/check-alerting.ts';
import { checkCapacity } from './production/check-capacity.ts';
import { checkProofs } from './production/check-proofs.ts';
import { checkProtection } from './production/check-protection.ts';

export interface Asked {
  readonly tenant?: string;
  readonly release?: boolean;
  readonly production?: boolean;
  readonly preproduction?: boolean;
  /** Percent of an error budget that must be left for a release. */
  readonly least: number;
  /** Why there is a release all the same. */
  readonly override?: string;
}

/** All checks in order. One that can't be made is a finding too, and the others go on. */
export async function* examine(target: Target, asked: Asked): AsyncGenerator<Finding> {
  const daily = !asked.release && !asked.production;
  const guard = (check: string, findings: () => AsyncGenerator<Finding>) => guarded(check, target, findings);
  if (daily) yield* guard('API', () => checkApi(target));
  const outputs = await target.outputs().catch((error: unknown) => explain(error, target.label));
  if (outputs instanceof CliError) {
    yield bad('stacks', outputs.message, outputs.hint ?? 'Deploy first: npx cdk deploy --all.');
    return;
  }
  yield good('stacks', `state in ${outputs.stateTable}, log ${outputs.stream}`);
  const weir = connectDoctor(target.aws, outputs);
  if (daily || asked.release) {
    yield* guard('storage', () => checkStorage(weir));
    yield* guard('flow', () => checkFlow({ ...weir, tenant: asked.tenant }));
  }
  if (daily) yield* guard('probe', () => checkProbe(weir));
  if (daily) yield* guard('recovery', () => checkRecovery(weir));
  if (asked.preproduction) yield* guard('watched', () => checkWatched(weir));
  if (asked.release) yield* release(weir, asked.least / 100, guard);
  if (asked.production) yield* production(weir, guard);
}

type Guard = (check: string, findings: () => AsyncGenerator<Finding>) => AsyncGenerator<Finding>;

async function* release(weir: Connected, least: number, guard: Guard): AsyncGenerator<Finding> {
  yield* guard('release', async function* () {
    const slos = sloReadingsOf(weir.name, await readLogFacts(weir, weir.outputs));
    yield* checkRelease({ ...weir, slos, least });
  });
  yield* guard('deploys', () => checkDeploys(weir));
  yield* guard('canary', () => checkCanary(weir));
  yield* guard('held', async function* () {
    yield await checkRepairs(weir);
    yield await checkDeadLetters(weir.sqs, weir.name);
  });
}

async function* production(weir: Connected, guard: Guard): AsyncGenerator<Finding> {
  yield* guard('protection', () => checkProtection(weir));
  yield* guard('alerting', () => checkAlerting(weir, weir.alarms));
  yield* guard('logs', () => checkLogs(weir));
  yield* guard('capacity', async function* () {
    yield* checkCapacity(weir, weir.metrics, await readLogFacts(weir, weir.outputs));
  });
  yield* guard('canary', () => checkCanary(weir));
  yield* guard('proofs', () => checkProofs(weir));
  yield* guard('recovery', () => checkRecovery(weir));
  yield* guard('letters', async function* () {
    yield await checkDeadLetters(weir.sqs, weir.name);
  });
}

async function* guarded(
  check: string,
  target: Target,
  findings: () => AsyncGenerator<Finding>,
): AsyncGenerator<Finding> {
  try {
    yield* findings();
  } catch (error) {
    const { message, hint } = explain(error, target.label);
    yield bad(check, message, hint ?? '--debug shows more.');
  }
}
