import { hostname, userInfo } from 'node:os';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsSettings } from '../platform/target.ts';

/** As much as `recover` takes. */
const MAX_OPERATOR = 128;

/** The ARN of whoever is signed in; on an endpoint of one's own, where credentials open nothing, the user of this machine. */
export async function nameOperator(aws: AwsSettings): Promise<string> {
  if (aws.endpoint !== undefined) return `${userName()}@${hostname()}`;
  const { Arn } = await new STSClient(aws).send(new GetCallerIdentityCommand({}));
  // Of a long one the end says who it is.
  return Arn?.slice(-MAX_OPERATOR) ?? 'unknown';
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user that it has no name for.
    return process.env.USER ?? 'unknown';
  }
}
