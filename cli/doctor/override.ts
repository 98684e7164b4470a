import type { S3Client } from '@aws-sdk/client-s3';
import { LockedObjects } from '../../lambdas/adapters/locked-objects.ts';
import type { Finding } from './finding.ts';

/** A release that was made although the gate was shut. */
export interface Override {
  /** RFC 3339, ms. */
  readonly at: string;
  readonly operator: string;
  readonly reason: string;
  readonly findings: readonly Finding[];
}

/**
 * Writes an override into the audit, under Object Lock, with the rights of whoever asks: what can't be written there is
 * not overridden.
 * @returns the entry's key
 */
export async function auditOverride(
  client: Pick<S3Client, 'send'>,
  bucket: string,
  override: Override,
): Promise<string> {
  const key = `audit/releases/${override.at}.json`;
  await new LockedObjects(client, bucket).put(key, override);
  return key;
}
