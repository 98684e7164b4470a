import { DynamoManifest } from '../adapters/dynamo-manifest.ts';
import { S3Anchors } from '../adapters/s3-anchors.ts';
import { dynamoClient, s3Client } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { invocation } from '../platform/invocation.ts';
import { logger } from '../platform/logger.ts';
import { count } from '../platform/metrics.ts';
import { systemClock } from '../platform/system.ts';
import { anchorChains } from './anchor-chains.ts';
import type { AnchorEnv } from './env.ts';

const env = readEnv<AnchorEnv>(['CONTROL_TABLE', 'AUDIT_BUCKET']);
const ports = {
  manifest: new DynamoManifest(dynamoClient(), env.CONTROL_TABLE),
  anchors: new S3Anchors(s3Client(), env.AUDIT_BUCKET),
  clock: systemClock,
};

/** Run each day by a rule, and by whoever wants an anchor now: a second one of a day stands beside the first. */
export const handler = invocation(async (): Promise<{ readonly anchors: number }> => {
  try {
    const anchors = await anchorChains(ports);
    count({ anchors });
    return { anchors };
  } catch (error) {
    logger.error('not every chain was anchored', error as Error);
    throw error;
  }
});
