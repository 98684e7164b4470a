import { BlockPublicAccess, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { WeirConfig } from '../config/index.ts';
import { dataRemoval } from './lifetime.ts';

/** What all buckets have in common: never public, no ACLs, TLS 1.2 or later, and the lifetime of data. */
export function bucketDefaults(config: WeirConfig) {
  return {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    removalPolicy: dataRemoval(config),
  };
}

/** The name of one of Weir's buckets: names are shared by all accounts and regions of the world. */
export function bucketName({ name, account, region }: WeirConfig, kind: string): string {
  return `${name}-${kind}-${account}-${region}`;
}
