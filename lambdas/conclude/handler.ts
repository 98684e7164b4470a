import { DynamoRuns } from '../adapters/dynamo-runs.ts';
import { S3Audit } from '../adapters/s3-audit.ts';
import { S3RunFiles } from '../adapters/s3-run-files.ts';
import type { RunStatus } from '../domain/recovery/run.ts';
import { dynamoClient, s3Client } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { invocation } from '../platform/invocation.ts';
import { logger } from '../platform/logger.ts';
import { countBy, tell } from '../platform/metrics.ts';
import { systemClock } from '../platform/system.ts';
import { type ConcludeEvent, concludeRun } from './conclude-run.ts';
import type { ConcludeEnv } from './env.ts';
import { measureRun, outcomeOf } from './measure-run.ts';

const env = readEnv<ConcludeEnv>(['CONTROL_TABLE', 'RUNS_BUCKET', 'AUDIT_BUCKET']);
const s3 = s3Client();
const ports = {
  runs: new DynamoRuns(dynamoClient(), env.CONTROL_TABLE),
  files: new S3RunFiles(s3, env.RUNS_BUCKET),
  audit: new S3Audit(s3, env.AUDIT_BUCKET),
  clock: systemClock,
};

/** The last step of every run, whether it could be carried out or not. */
export const handler = invocation(handle);

async function handle(event: ConcludeEvent): Promise<{ readonly status: RunStatus }> {
  const { requestId, attempt } = event;
  logger.appendKeys({ requestId, attempt });
  try {
    const run = await concludeRun(event, ports);
    const { request, status, error } = run;
    if (error === undefined) logger.info('the run has ended', { verb: request.verb, status });
    else logger.warn('the run has ended', { verb: request.verb, status, error });
    countBy('recoveryRuns', { outcome: outcomeOf(run) });
    // Another attempt's end is its own to say.
    if (run.attempt === attempt) tell(measureRun(run));
    return { status };
  } catch (error) {
    logger.error('the run could not be concluded; the state machine tries again', error as Error);
    throw error;
  }
}
