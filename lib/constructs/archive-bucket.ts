import { Duration, Stack, Validations } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct, type IConstruct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import { allow, allowKeyThrough } from './grants.ts';
import { dataRemoval } from './lifetime.ts';

export interface ArchiveBucketProps {
  readonly config: WeirConfig;
  readonly key: IKey;
}

/** The archive: a versioned bucket, and another that records every access to it. */
export class ArchiveBucket extends Construct {
  readonly bucket: Bucket;
  readonly #key: IKey;
  /** ARN of every object of the archive. */
  readonly #objects: string;

  constructor(scope: Construct, id: string, props: ArchiveBucketProps) {
    super(scope, id);
    const { config, key } = props;
    const suffix = `${config.account}-${config.region}`;
    const bucketName = `${config.name}-archive-${suffix}`;
    this.#objects = `arn:${Stack.of(this).partition}:s3:::${bucketName}/archive/*`;
    const shared = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: dataRemoval(config),
    };
    this.#key = key;
    const accessLogs = new Bucket(this, 'AccessLogs', {
      ...shared,
      bucketName: `${config.name}-access-logs-${suffix}`,
      // S3 delivers access logs only to buckets under its own keys.
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: Duration.days(config.accessLogRetentionDays) }],
    });
    this.bucket = new Bucket(this, 'Bucket', {
      ...shared,
      bucketName,
      versioned: true,
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }],
      serverAccessLogsBucket: accessLogs as IBucket,
    });
  }

  /** Lets `grantee` put archive objects, and look at those that are there. */
  grantWrite(grantee: IGrantable & IConstruct): void {
    allow(grantee, ['s3:PutObject', 's3:GetObject'], [this.#objects]);
    Validations.of(grantee).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${this.#objects}]`,
      reason: 'The names of archive objects are not known before they are written.',
    });
    allowKeyThrough('s3', this.#key, grantee, ['kms:Decrypt', 'kms:GenerateDataKey']);
  }
}
