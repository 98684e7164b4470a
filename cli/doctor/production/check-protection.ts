import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeContinuousBackupsCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { GetKeyRotationStatusCommand } from '@aws-sdk/client-kms';
import { GetBucketVersioningCommand, GetObjectLockConfigurationCommand } from '@aws-sdk/client-s3';
import { stackNames } from '../../platform/stack-outputs.ts';
import { bad, type Finding, good, note } from '../finding.ts';
import type { Estate } from './clients.ts';

/** The settings that protect data are on in every deployment to an account: where one is off, somebody has changed it by hand. */
const BY_HAND = 'Deploy again: npx cdk deploy --all. Who has changed it is in CloudTrail.';

/** Whether data can be lost by one mistake. */
export async function* checkProtection(estate: Estate): AsyncGenerator<Finding> {
  const { stateTable, controlTable, archiveBucket, auditBucket } = estate.outputs;
  for (const table of [stateTable, controlTable]) yield* checkTable(table, estate);
  yield await checkVersions(archiveBucket, estate);
  yield await checkLock(auditBucket, estate);
  yield* checkKeys(estate);
  yield* checkStacks(estate);
}

async function* checkTable(table: string, { dynamo }: Estate): AsyncGenerator<Finding> {
  const { Table } = await dynamo.send(new DescribeTableCommand({ TableName: table }));
  yield Table?.DeletionProtectionEnabled
    ? good('deletion', `${table} is protected`)
    : bad('deletion', `${table} can be deleted with one call`, BY_HAND);
  const { ContinuousBackupsDescription: backups } = await dynamo.send(
    new DescribeContinuousBackupsCommand({ TableName: table }),
  );
  const status = backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
  yield status === 'ENABLED'
    ? good('backups', `${table} can be restored to any second`)
    : bad('backups', `point-in-time recovery of ${table} is ${status ?? 'off'}`, BY_HAND);
}

async function checkVersions(bucket: string, { s3 }: Estate): Promise<Finding> {
  const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }));
  return Status === 'Enabled'
    ? good('archive', `${bucket} keeps every version`)
    : bad('archive', `${bucket} forgets what is overwritten`, BY_HAND);
}

async function checkLock(bucket: string, { s3 }: Estate): Promise<Finding> {
  const { ObjectLockConfiguration: lock } = await s3.send(
    new GetObjectLockConfigurationCommand({ Bucket: bucket }),
  );
  const { Mode, Days } = lock?.Rule?.DefaultRetention ?? {};
  return lock?.ObjectLockEnabled === 'Enabled' && Days !== undefined
    ? good('audit', `entries are locked for ${Days} days (${Mode?.toLowerCase()} mode)`)
    : bad('audit', `entries in ${bucket} can be deleted`, BY_HAND);
}

async function* checkKeys({ kms, name }: Estate): AsyncGenerator<Finding> {
  for (const key of ['data', 'logs', 'alarms']) {
    const { KeyRotationEnabled } = await kms.send(
      new GetKeyRotationStatusCommand({ KeyId: `alias/${name}-${key}` }),
    );
    yield KeyRotationEnabled
      ? good('keys', `the key of ${key} rotates each year`)
      : bad('keys', `the key of ${key} does not rotate`, BY_HAND);
  }
}

async function* checkStacks({ formation, name }: Estate): AsyncGenerator<Finding> {
  const open: string[] = [];
  for (const StackName of stackNames(name)) {
    const { Stacks } = await formation.send(new DescribeStacksCommand({ StackName }));
    if (!Stacks?.[0]?.EnableTerminationProtection) open.push(StackName);
  }
  if (open.length === 0) yield good('stacks', 'none can be deleted by mistake');
  else if (open.some((stack) => stack.endsWith('-Data')))
    yield bad('stacks', `can be deleted with one call: ${open.join(', ')}`, BY_HAND);
  else yield note('stacks', `can be deleted with one call: ${open.join(', ')}`, BY_HAND);
}
