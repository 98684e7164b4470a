import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoRuns } from '../../lambdas/adapters/dynamo-runs.ts';
import { S3Audit } from '../../lambdas/adapters/s3-audit.ts';
import { S3RunFiles } from '../../lambdas/adapters/s3-run-files.ts';
import type { Target } from '../platform/target.ts';
import { readCauses } from '../quarantine/read-quarantine.ts';
import { invokeRecover } from './invoke-recover.ts';
import { nameOperator } from './name-operator.ts';
import type { RecoveryPorts } from './ports.ts';

/** The real function, table and buckets. */
export async function connectRecovery({ aws, outputs }: Target): Promise<RecoveryPorts> {
  const names = await outputs();
  const dynamo = new DynamoDBClient(aws);
  const lambda = new LambdaClient(aws);
  // An endpoint of one's own has no names for buckets.
  const s3 = new S3Client({ ...aws, forcePathStyle: aws.endpoint !== undefined });
  return {
    recover: (input) => invokeRecover(lambda, names.recoverFunction, input),
    runs: new DynamoRuns(dynamo, names.controlTable),
    files: new S3RunFiles(s3, names.runsBucket),
    audit: new S3Audit(s3, names.auditBucket),
    fingerprints: (prefix, tenant) => readCauses({ client: dynamo, ...names }, tenant, prefix),
    operator: () => nameOperator(aws),
    now: Date.now,
    sleep: (ms, signal) => wait(ms, undefined, { signal }).catch(() => {}),
  };
}
