import { DynamoRuns } from '../adapters/dynamo-runs.ts';
import { S3Audit } from '../adapters/s3-audit.ts';
import { StepFunctionsRuns } from '../adapters/step-functions-runs.ts';
import { safeMessage } from '../domain/describe-error.ts';
import { RequestError, readRequest } from '../domain/recovery/read-request.ts';
import { isScheduled } from '../domain/recovery/schedule.ts';
import { dynamoClient, s3Client, stepFunctionsClient } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { invocation } from '../platform/invocation.ts';
import { logger } from '../platform/logger.ts';
import { countBy } from '../platform/metrics.ts';
import { systemClock } from '../platform/system.ts';
import type { RecoverEnv } from './env.ts';
import { type Answer, commandRun, RecoverError, startRun, startScheduled } from './recover-run.ts';

const env = readEnv<RecoverEnv>(['CONTROL_TABLE', 'AUDIT_BUCKET', 'STATE_MACHINE_ARN']);
const ports = {
  runs: new DynamoRuns(dynamoClient(), env.CONTROL_TABLE),
  audit: new S3Audit(s3Client(), env.AUDIT_BUCKET),
  executions: new StepFunctionsRuns(stepFunctionsClient(), env.STATE_MACHINE_ARN),
  clock: systemClock,
};

/**
 * Invoked by operators, from the console or with `weir`, and by the schedule: docs/recovery.md has examples.
 * @throws Error whose message says what to do
 */
export const handler = invocation(async (event: unknown): Promise<Answer> => {
  try {
    return await answer(event);
  } catch (error) {
    if (error instanceof RequestError || error instanceof RecoverError) throw error;
    logger.error('recovery could not be asked', error as Error);
    const why = safeMessage(error as Error);
    throw new Error(`${why}. Ask again, with the very same request: asked twice, it is one run.`);
  }
});

async function answer(event: unknown): Promise<Answer> {
  const [what, answered] = await carryOut(event);
  const { requestId, attempt, status } = answered;
  logger.info('recovery was asked', { requestId, attempt, status, what });
  countBy('recoveryAsked', { outcome: what });
  return answered;
}

async function carryOut(event: unknown): Promise<[what: string, Answer]> {
  if (isScheduled(event)) return ['reconcile', await startScheduled(event, ports)];
  const asked = readRequest(event, Date.now());
  return 'command' in asked
    ? [asked.command, await commandRun(asked, ports)]
    : [asked.verb, await startRun(asked, ports)];
}
